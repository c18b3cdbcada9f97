from pathlib import Path

import pytest
import yaml

from tongdian.web.environment import InvalidSetting
from tongdian.web.identity import identity_providers

GOOD = {
    "id": "example",
    "name": "示例单位统一登录",
    "issuer": "https://id.example.com",
    "client_id": "tongdian",
    "claim": "preferred_username",
}


@pytest.fixture
def write(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("a secret\n")

    def written(*entries: dict, raw: str | None = None) -> str:
        path = tmp_path / "oidc.yaml"
        named = [{"client_secret_file": str(secret)} | entry for entry in entries]
        path.write_text(raw if raw is not None else yaml.safe_dump({"providers": named}))
        return str(path)

    return written


class TestIdentityProviders:
    def test_are_none_without_a_path(self):
        assert identity_providers("") == []

    def test_are_read_with_their_secrets(self, write):
        (one, two) = identity_providers(write(GOOD, GOOD | {"id": "other"}))

        assert (one["provider_id"], two["provider_id"]) == ("example", "other")
        assert one["secret"] == "a secret"
        assert one["settings"]["server_url"] == "https://id.example.com"

    @pytest.mark.parametrize("missing", sorted(GOOD))
    def test_refuse_a_half_filled_one(self, write, missing):
        half = {key: value for key, value in GOOD.items() if key != missing}

        with pytest.raises(InvalidSetting, match=missing):
            identity_providers(write(half))

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"clientid": "x"}, "unknown key 'clientid'"),
            ({"id": "Ex ample"}, "small letters"),
            ({"issuer": "http://id.example.com"}, "not an https address"),
            ({"client_secret_file": "/nowhere"}, "client_secret_file of 'example'"),
            ({"client_secret_file": "/dev/null"}, "is empty"),
            ({"name": " "}, "lacks name"),
        ],
    )
    def test_refuse(self, write, change, why):
        with pytest.raises(InvalidSetting, match=why):
            identity_providers(write(GOOD | change))

    def test_refuse_an_id_that_stands_twice(self, write):
        with pytest.raises(InvalidSetting, match="twice"):
            identity_providers(write(GOOD, GOOD))

    @pytest.mark.parametrize("raw", ["", "- x", "providers: 1", "providers: [x]", "providers: [", "others: []"])
    def test_refuse_what_is_no_list_of_providers(self, write, raw):
        with pytest.raises(InvalidSetting, match="TONGDIAN_OIDC"):
            identity_providers(write(raw=raw))

    def test_refuse_a_file_that_is_not_there(self):
        with pytest.raises(InvalidSetting, match="nowhere"):
            identity_providers("/nowhere/oidc.yaml")
