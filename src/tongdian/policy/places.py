"""Where a value holds: the path from a county up to the nation."""

import re

NATION = "100000"
PROVINCE = "370000"

_CODE = re.compile(r"[1-9][0-9]{5}")


class NotADivisionCode(ValueError):
    """A place was given that is not a six-digit division code."""

    def __init__(self, code: object) -> None:
        self.code = code
        super().__init__(f"{code!r} is not a division code: six digits as text are needed, such as '370102'.")


def place_path(code: str) -> tuple[str, ...]:
    """Return `code` and the divisions above it, most specific first, ending in the nation.

    The parent follows from the code itself (xxxx00, then xx0000), so the path also works for
    divisions that no longer exist.

    Raises:
        NotADivisionCode: `code` is not six digits with a first digit other than 0.

    >>> place_path("370102")
    ('370102', '370100', '370000', '100000')
    """
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise NotADivisionCode(code)
    return tuple(dict.fromkeys((code, code[:4] + "00", code[:2] + "0000", NATION)))
