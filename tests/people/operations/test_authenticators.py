import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from support import people
from tongdian.people import operations
from tongdian.ui import sealing

NEW = "new:" + "n" * 40


@pytest.fixture
def clerk(db, settings):
    settings.FIELD_KEYS = "old:" + "o" * 40
    clerk = people.staff()
    TOTP.activate(clerk, generate_totp_secret())
    RecoveryCodes.activate(clerk)
    return clerk


class TestResealAuthenticators:
    def test_leaves_codes_valid_without_the_old_key(self, clerk, settings):
        codes = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()
        settings.FIELD_KEYS = f"{NEW},old:{'o' * 40}"

        assert operations.reseal_authenticators() == 2
        assert operations.reseal_authenticators() == 0

        settings.FIELD_KEYS = NEW
        assert Authenticator.objects.get(type="recovery_codes").wrap().generate_codes() == codes

    def test_names_the_key_it_misses(self, clerk, settings):
        settings.FIELD_KEYS = NEW

        with pytest.raises(sealing.UnknownKey, match="'old'"):
            operations.reseal_authenticators()
