import pytest

from tongdian.ui import sealing

OLD, NEW = "k1:" + "a" * 40, "k2:" + "b" * 40


@pytest.fixture(autouse=True)
def keys(settings):
    settings.FIELD_KEYS, settings.LOOKUP_KEY = OLD, "c" * 40
    return settings


class TestRing:
    def test_reads_ids_and_secrets_newest_first(self):
        assert list(sealing.ring(f"{NEW},{OLD}").items()) == [("k2", "b" * 40), ("k1", "a" * 40)]

    def test_names_a_bare_secret_k1(self):
        assert sealing.ring("x" * 64) == {"k1": "x" * 64}

    @pytest.mark.parametrize(
        "text",
        [f"{OLD},{OLD}", "k1:short", ":" + "a" * 40, f"{'k' * 21}:{'a' * 40}", f"钥:{'a' * 40}"],
        ids=["twice", "short secret", "no id", "long id", "not ascii"],
    )
    def test_refuses(self, text):
        with pytest.raises(sealing.InvalidKeyRing):
            sealing.ring(text)


class TestOpenSealed:
    def test_returns_what_was_sealed(self):
        assert sealing.open_sealed(sealing.seal("张三", place="a.b"), place="a.b") == "张三"

    def test_seals_the_same_text_differently_each_time(self):
        assert sealing.seal("x", place="a.b") != sealing.seal("x", place="a.b")

    def test_names_the_key_in_the_value(self):
        assert sealing.key_of(sealing.seal("x", place="a.b"), place="a.b") == "k1"

    @pytest.mark.parametrize("at", range(20, 40))
    def test_refuses_any_changed_byte(self, at):
        token = bytearray(sealing.seal("some longer text", place="a.b"))
        token[at] ^= 1

        with pytest.raises(sealing.CannotOpen):
            sealing.open_sealed(bytes(token), place="a.b")

    def test_refuses_a_changed_key_id(self, keys):
        keys.FIELD_KEYS = f"{OLD},k9:{'a' * 40}"
        token = bytearray(sealing.seal("x", place="a.b"))
        token[3] = ord("9")

        with pytest.raises(sealing.CannotOpen, match="changed, moved"):
            sealing.open_sealed(bytes(token), place="a.b")

    def test_refuses_a_value_of_another_place(self):
        with pytest.raises(sealing.CannotOpen, match=r"a\.c"):
            sealing.open_sealed(sealing.seal("x", place="a.b"), place="a.c")

    def test_refuses_another_secret_under_the_same_id(self, keys):
        token = sealing.seal("x", place="a.b")
        keys.FIELD_KEYS = "k1:" + "z" * 40

        with pytest.raises(sealing.CannotOpen):
            sealing.open_sealed(token, place="a.b")

    def test_names_a_key_the_ring_lacks(self, keys):
        token = sealing.seal("x", place="a.b")
        keys.FIELD_KEYS = NEW

        with pytest.raises(sealing.UnknownKey, match="'k1'") as caught:
            sealing.open_sealed(token, place="a.b")

        assert caught.value.known == ("k2",)

    @pytest.mark.parametrize("token", [b"", b"\x02" * 40, b"plain text, never sealed", b"\x01\xff" + b"0" * 30])
    def test_refuses_what_was_never_sealed(self, token):
        with pytest.raises(sealing.CannotOpen, match="not a sealed value"):
            sealing.open_sealed(token, place="a.b")

    def test_opens_old_values_after_a_new_key_is_put_in_front(self, keys):
        token = sealing.seal("x", place="a.b")
        keys.FIELD_KEYS = f"{NEW},{OLD}"

        assert sealing.open_sealed(token, place="a.b") == "x"
        assert sealing.key_of(sealing.seal("x", place="a.b"), place="a.b") == "k2"


class TestDigest:
    def test_is_the_same_for_the_same_text_and_place(self):
        assert sealing.digest("x", place="a.b") == sealing.digest("x", place="a.b")

    def test_differs_between_places(self):
        assert sealing.digest("x", place="a.b") != sealing.digest("x", place="a.c")

    def test_needs_the_key(self, keys):
        before = sealing.digest("x", place="a.b")
        keys.LOOKUP_KEY = "other" * 8

        assert sealing.digest("x", place="a.b") != before

    def test_of_the_first_key_is_as_it_was_before_there_were_several(self, keys):
        before = sealing.digest("x", place="a.b")
        keys.LOOKUP_KEY = "k1:" + "c" * 40

        assert sealing.digest("x", place="a.b") == before
        assert len(before) == 32

    def test_names_a_later_key_at_its_end(self, keys):
        keys.LOOKUP_KEY = f"k2:{'d' * 40},k1:{'c' * 40}"

        assert sealing.digest("x", place="a.b")[32:] == b"k2"


class TestDigests:
    def test_are_of_every_key_the_current_one_first(self, keys):
        before = sealing.digest("x", place="a.b")
        keys.LOOKUP_KEY = f"k2:{'d' * 40},k1:{'c' * 40}"

        assert sealing.digests("x", place="a.b") == [sealing.digest("x", place="a.b"), before]


class TestFingerprints:
    def test_tell_two_secrets_of_one_id_apart_and_show_neither(self):
        one, other = sealing.fingerprints(OLD), sealing.fingerprints("k1:" + "z" * 40)

        assert one.keys() == other.keys() == {"k1"}
        assert one != other
        assert "a" * 16 not in one.values()
