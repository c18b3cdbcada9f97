"""Strict YAML: every mapping remembers its lines; duplicate keys, merges and unreadable text are errors."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")


class PolicyFileError(ValueError):
    """A policy file cannot be loaded; the fields say where, what, why and what to do."""

    def __init__(self, *, file: Path, line: int | None, field: str, value: object, reason: str, way_out: str) -> None:
        self.file, self.line, self.field = file, line, field
        self.value, self.reason, self.way_out = value, reason, way_out
        place = f"{file}, line {line}" if line else str(file)
        super().__init__(f"{place}: {field or 'file'} = {_shown(value)}: {reason}. {way_out}.")


class LinedMapping(dict[str, Any]):
    """A YAML mapping with the line of each key (counted from 1)."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class _Refused(yaml.YAMLError):
    def __init__(self, line: int, field: str, value: object, reason: str, way_out: str) -> None:
        super().__init__(reason)
        self.line, self.field, self.value, self.reason, self.way_out = line, field, value, reason, way_out

    def in_file(self, file: Path) -> PolicyFileError:
        return PolicyFileError(
            file=file, line=self.line, field=self.field, value=self.value, reason=self.reason, way_out=self.way_out
        )


class _StrictLoader(yaml.CSafeLoader):
    """CSafeLoader with decimals for floats and our mappings."""


def read_yaml(path: Path) -> LinedMapping:
    """Read one YAML file whose top level is a mapping; decimals come as `Decimal`.

    Raises:
        PolicyFileError: the file cannot be read or parsed, its top level is no mapping, a key is
            repeated or not a text, a merge key (`<<`) is used, or a number or date is not written plainly.
    """
    try:
        content = yaml.load(path.read_bytes(), Loader=_StrictLoader)  # noqa: S506 - a subclass of the safe loader
    except _Refused as refused:
        raise refused.in_file(path) from refused
    except (yaml.YAMLError, OSError, UnicodeDecodeError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(content, LinedMapping):
        reason = "the top level is not a mapping"
        raise PolicyFileError(
            file=path, line=1, field="", value=content, reason=reason, way_out="Start with 'matter: …'"
        )
    return content


def _unreadable(path: Path, error: Exception) -> PolicyFileError:
    mark = getattr(error, "problem_mark", None)
    return PolicyFileError(
        file=path,
        line=mark.line + 1 if mark else None,
        field="",
        value=getattr(error, "problem", None) or str(error),
        reason="the file cannot be read as YAML",
        way_out="Correct the text at this place; quote texts that contain ': ' or start with a special character",
    )


def _construct_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> LinedMapping:
    mapping = LinedMapping(node.start_mark.line + 1)
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if key_node.tag == "tag:yaml.org,2002:merge":
            raise _Refused(line, "<<", "<<", "merge keys are not allowed, they hide values", "Write the keys out")
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            way_out = "Quote it; yes, no, on, off and digits need quotes"
            raise _Refused(line, str(key), key, "a key must be a text", way_out)
        if key in mapping:
            reason = f"the key is repeated, first seen in line {mapping.lines[key]}"
            raise _Refused(line, key, loader.construct_object(value_node, deep=True), reason, "Keep one of the two")
        mapping[key] = loader.construct_object(value_node, deep=True)
        mapping.lines[key] = line
    return mapping


def _construct_decimal(loader: _StrictLoader, node: yaml.ScalarNode) -> Decimal:
    try:
        number = Decimal(node.value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _refused_scalar(node, "the number is not a plain decimal", "Write it as digits with a point, such as 0.9")
    return number


def _construct_whole(loader: _StrictLoader, node: yaml.ScalarNode) -> int:
    # YAML 1.1 would read 012 as ten and 1:30 as ninety.
    if not _WHOLE.fullmatch(node.value):
        raise _refused_scalar(node, "the number is not written plainly", "Use digits only, or quote it if it is a text")
    return int(node.value)


def _construct_day(loader: _StrictLoader, node: yaml.ScalarNode) -> date:
    try:
        return date.fromisoformat(node.value)
    except ValueError as error:
        raise _refused_scalar(node, f"not a day of the calendar ({error})", "Write it as 2021-05-10") from error


def _refused_scalar(node: yaml.ScalarNode, reason: str, way_out: str) -> _Refused:
    return _Refused(node.start_mark.line + 1, node.value, node.value, reason, way_out)


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
_StrictLoader.add_constructor("tag:yaml.org,2002:float", _construct_decimal)
_StrictLoader.add_constructor("tag:yaml.org,2002:int", _construct_whole)
_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _construct_day)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
