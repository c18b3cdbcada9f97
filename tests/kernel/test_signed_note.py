import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongdian.kernel.signed_note import (
    COSIGNATURE,
    Head,
    MalformedNote,
    Note,
    VerifierKey,
    cosign,
    cosigned_timestamp,
    is_signed_by,
    parse_signatures,
    sign,
    verifier_key,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
NAME = "tongdian/log"
HEAD = Head(NAME, 5, bytes(32), ("installation x test", "time 2026"))
TEXT = str(HEAD)
NOTE = Note(TEXT, (sign(TEXT, name=NAME, key=KEY),))


class TestNote:
    def test_reads_what_it_wrote(self) -> None:
        assert Note.parse(str(NOTE)) == NOTE

    def test_may_hold_empty_lines(self) -> None:
        note = Note("a\n\nb\n", NOTE.signatures)

        assert Note.parse(str(note)) == note

    @pytest.mark.parametrize(
        "whole",
        ["", "text\n", "text\n\n", "text\n\n— name\n", "text\n\n— name !!!\n", "text\n\n— name AAAA\n", str(NOTE)[:-1]],
    )
    def test_is_refused_when_malformed(self, whole: str) -> None:
        with pytest.raises(MalformedNote):
            Note.parse(whole)


class TestIsSignedBy:
    def test_knows_the_key(self) -> None:
        assert is_signed_by(NOTE, verifier_key(NAME, KEY))
        assert not is_signed_by(NOTE, verifier_key(NAME, OTHER))
        assert not is_signed_by(NOTE, verifier_key("other", KEY))

    def test_sees_any_change_of_the_text(self) -> None:
        assert not is_signed_by(Note(TEXT + "x\n", NOTE.signatures), verifier_key(NAME, KEY))

    def test_knows_a_witness_and_the_time_it_states(self) -> None:
        line = cosign(TEXT, name="w", key=OTHER, timestamp=1_790_000_000)
        later = line.payload[:7] + b"\xff" + line.payload[8:]

        assert is_signed_by(Note(TEXT, (line,)), verifier_key("w", OTHER, algorithm=COSIGNATURE))
        assert cosigned_timestamp(line) == 1_790_000_000
        moved = Note(TEXT, (type(line)("w", line.key_id, later),))
        assert not is_signed_by(moved, verifier_key("w", OTHER, algorithm=COSIGNATURE))

    def test_does_not_take_a_logs_signature_for_a_witnesss(self) -> None:
        assert not is_signed_by(NOTE, verifier_key(NAME, KEY, algorithm=COSIGNATURE))


class TestVerifierKey:
    def test_reads_what_it_wrote(self) -> None:
        key = verifier_key(NAME, KEY)

        assert VerifierKey.parse(str(key)) == key

    def test_gives_the_known_answer_of_the_published_example(self) -> None:
        # The example key of golang.org/x/mod/sumdb/note, on which C2SP signed-note is modelled.
        written = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

        assert str(VerifierKey.parse(written)) == written

    @pytest.mark.parametrize(
        "text", ["", "name", "name+00000000+AAAA", str(verifier_key(NAME, KEY)).replace("+", "+0", 1), "n+0+!"]
    )
    def test_is_refused_when_malformed(self, text: str) -> None:
        with pytest.raises(MalformedNote):
            VerifierKey.parse(text)


class TestHead:
    def test_reads_what_it_wrote(self) -> None:
        assert Head.parse(TEXT) == HEAD

    @pytest.mark.parametrize(
        "text", ["", "a\n", "a\n1\n", "a\n01\nAA==\n", "a\nx\nAA==\n", "a\n1\nAA==\n", "a\n1\n!\n"]
    )
    def test_is_refused_when_malformed(self, text: str) -> None:
        with pytest.raises(MalformedNote):
            Head.parse(text)


class TestParseSignatures:
    def test_refuses_none(self) -> None:
        with pytest.raises(MalformedNote, match="no signature"):
            parse_signatures("")
