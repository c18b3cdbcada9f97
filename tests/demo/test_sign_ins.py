import stat
from pathlib import Path

from tongdian.demo.sign_ins import FILE_NAME, LETTERS, SignIn, keep, kept, new_password

STAFF = SignIn("客户经理", "Account manager", "demo_account_manager", "abcde-fghij-kmnpq")
APPLICANT = SignIn("用电申请人", "Applicant", "13000000001")


class TestKeep:
    def test_can_be_read_back(self, tmp_path: Path) -> None:
        keep([STAFF, APPLICANT], home=tmp_path / "var")

        assert kept(home=tmp_path / "var") == (STAFF, APPLICANT)

    def test_replaces_an_earlier_file_and_keeps_it_private(self, tmp_path: Path) -> None:
        (tmp_path / FILE_NAME).write_text("old")

        path = keep([STAFF], home=tmp_path)

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert kept(home=tmp_path) == (STAFF,)


class TestKept:
    def test_is_nothing_without_a_file(self, tmp_path: Path) -> None:
        assert kept(home=tmp_path) == ()


class TestSignIn:
    def test_shows_name_login_and_password(self) -> None:
        assert str(STAFF).split() == [
            "客户经理",
            "·",
            "Account",
            "manager",
            "demo_account_manager",
            "abcde-fghij-kmnpq",
        ]

    def test_says_that_the_public_gets_a_code(self) -> None:
        assert "13000000001" in str(APPLICANT)
        assert "code by SMS" in str(APPLICANT)


class TestNewPassword:
    def test_is_long_typeable_and_never_the_same(self) -> None:
        passwords = {new_password() for _ in range(50)}

        assert len(passwords) == 50
        assert all(len(each) == 17 and set(each) <= set(LETTERS + "-") for each in passwords)
