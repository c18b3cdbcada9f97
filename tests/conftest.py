import os

# Tests own their database: they migrate it and probe what the application role may not do.
os.environ.setdefault("TONGDIAN_AS_OWNER", "1")
# Sign-in of staff in tests is the password alone; the tests of the second factor ask for it.
os.environ.setdefault("TONGDIAN_REQUIRE_TOTP", "0")
