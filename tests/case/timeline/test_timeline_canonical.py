import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongdian.case.timeline.canonical import NotCanonical, canonical, instant, parse
from tongdian.case.timeline.personal import PersonalData, commitment, is_personal_key, opens, refuse_personal

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
BEIJING = timezone(timedelta(hours=8))


class TestCanonical:
    @given(st.dictionaries(KEYS, VALUES, max_size=5))
    def test_is_read_back_as_it_was(self, body: dict[str, object]) -> None:
        assert parse(canonical(body)) == body

    @given(st.dictionaries(KEYS, VALUES, max_size=5))
    def test_does_not_depend_on_the_order_of_keys(self, body: dict[str, object]) -> None:
        assert canonical(dict(reversed(body.items()))) == canonical(body)

    @given(st.dictionaries(KEYS, VALUES, max_size=5))
    def test_is_sorted_compact_json_after_the_version_byte(self, body: dict[str, object]) -> None:
        # For ASCII keys, RFC 8785 orders as Python does; escapes differ in no character JSON must escape.
        plain = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

        assert canonical(body) == b"\x01" + plain.encode()

    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (datetime(2026, 1, 1, 8, 0, 0, 5, tzinfo=BEIJING), '"2026-01-01T00:00:00.000005Z"'),
            (date(2026, 1, 1), '"2026-01-01"'),
            (Decimal("160.50"), '"160.50"'),
            (Decimal("1E+3"), '"1000"'),
            (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
            ((1, 2), "[1,2]"),
            ("用电\n\u2028", '"用电\\n\u2028"'),
        ],
    )
    def test_writes_other_types_as_exact_text(self, value: object, written: str) -> None:
        assert canonical({"a": value}) == b'\x01{"a":' + written.encode() + b"}"

    @pytest.mark.parametrize(
        "value",
        [
            1.0,
            float("nan"),
            2**53,
            -(2**53),
            datetime(2026, 1, 1),  # noqa: DTZ001
            Decimal("NaN"),
            b"bytes",
            {1, 2},
            "a\0b",
            "\ud800",
            {"名": 1},
            {"A": 1},
            {1: 1},
            object(),
        ],
    )
    def test_refuses_what_has_no_single_form(self, value: object) -> None:
        with pytest.raises(NotCanonical, match=re.escape("a")):
            canonical({"a": value})

    def test_names_the_place(self) -> None:
        with pytest.raises(NotCanonical, match=r"^stages\[1\]\.load_kw: float 1\.5"):
            canonical({"stages": [{}, {"load_kw": 1.5}]})


class TestParse:
    @pytest.mark.parametrize(
        "encoded",
        [
            *(b"", b"{}", b"\x02{}", b"\x01", b"\x01[]", b"\x01{", b"\x01\xff", b'\x01{"a": 1}', b'\x01{"a":1.0}'),
            *(b'\x01{"b":1,"a":1}', b'\x01{"a":1,"a":1}', b'\x01{"a":"\\u7528"}'),
        ],
    )
    def test_refuses_every_other_form(self, encoded: bytes) -> None:
        with pytest.raises(NotCanonical):
            parse(encoded)


class TestInstant:
    def test_refuses_a_time_without_zone(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            instant(datetime(2026, 1, 1))  # noqa: DTZ001

    def test_always_writes_microseconds(self) -> None:
        assert instant(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"


class TestRefusePersonal:
    @pytest.mark.parametrize(
        "body",
        [
            {"name": "x"},
            {"applicant_name": "x"},
            {"contact": {"phone": 1}},
            {"parties": [{"id_number": "x"}]},
            {"credit_code": "x"},
            {"mobile": None},
            {"reason": "请联系 13800138000"},
            {"reason": "+8613800138000"},
            {"texts": ["证件 11010519491231002X"]},
            {"reason": "mail a.b@example.com"},
        ],
    )
    def test_refuses_keys_and_texts_of_a_person(self, body: dict[str, object]) -> None:
        with pytest.raises(PersonalData):
            refuse_personal(body)

    @pytest.mark.parametrize(
        "body",
        [
            {"name_commitment": "ab" * 32},
            {"contact_id": 5, "address_id": 6, "phone_hash": "x"},
            {"stage_name": "scheme"},
            {"document_ids": ["138001380001234567890123456789"]},
            {"digest": "13800138000" + "ab" * 20},
            {"due_date": "2026-01-01", "load_kw": 13800},
            {"meter_number": "13800138000"},
        ],
    )
    def test_lets_references_and_commitments_pass(self, body: dict[str, object]) -> None:
        assert refuse_personal(body) is None

    def test_names_the_place(self) -> None:
        with pytest.raises(PersonalData, match=r"^parties\[0\]\.phone: the key names personal data"):
            refuse_personal({"parties": [{"phone": 1}]})

    def test_knows_a_key_by_its_words(self) -> None:
        assert is_personal_key("owner_phone")
        assert not is_personal_key("microphone")


class TestCommitment:
    def test_opens_with_its_salt_only(self) -> None:
        committed, salt = commitment("张三")

        assert opens(committed, value="张三", salt=salt)
        assert not opens(committed, value="李四", salt=salt)
        assert not opens(committed, value="张三", salt=bytes(32))

    def test_hides_equal_values(self) -> None:
        assert commitment("x").commitment != commitment("x").commitment
