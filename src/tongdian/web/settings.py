"""Settings, read from the environment only.

Two database roles: the owner migrates (`DATABASE_OWNER_URL`), the application works without DDL
(`DATABASE_URL`). `TONGDIAN_AS_OWNER=1` selects the owner; only migrations and tests set it.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from tongdian.web.environment import database, flag, items, secret, text
from tongdian.web.identity import identity_providers

HOME = Path(text("TONGDIAN_HOME", "var")).resolve()
PACKAGE = Path(__file__).resolve().parent.parent

# A start that says so refuses whatever is only fit for a demonstration (web/checks.py).
PRODUCTION = flag("TONGDIAN_PRODUCTION", default=False)
DEBUG = flag("TONGDIAN_DEBUG", default=False)
SECRET_KEY = secret("TONGDIAN_SECRET_KEY", home=HOME)
# Personal data at rest: a ring `id:secret,id:secret`, newest first, and the key of the look-up digests.
FIELD_KEYS = secret("TONGDIAN_FIELD_KEYS", home=HOME)
LOOKUP_KEY = secret("TONGDIAN_LOOKUP_KEY", home=HOME)
ALLOWED_HOSTS = items("TONGDIAN_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = items("TONGDIAN_ORIGINS", "")

INSTALLED_APPS = [
    "tongdian.web",
    "tongdian.oversight",
    "tongdian.disclosure",
    "tongdian.connection",
    "tongdian.case",
    "tongdian.people",
    "tongdian.gateway",
    "tongdian.ui",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "pghistory",
    "pgtrigger",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "tongdian.web.headers.permissions_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "tongdian.web.calendar_end.CalendarEndMiddleware",
]
ROOT_URLCONF = "tongdian.web.urls"
WSGI_APPLICATION = "tongdian.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tongdian.web.context.frame",
            ],
        },
    }
]

FORM_RENDERER = "tongdian.ui.forms.Renderer"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account_profile"
# A one-time password for every member of staff; a demonstration may leave it to the person.
REQUIRE_TOTP = flag("TONGDIAN_REQUIRE_TOTP", default=True)
ACCOUNT_ADAPTER = "tongdian.people.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {"reauthenticate": "tongdian.people.forms.StaffPasswordForm"}
# Theirs count in the cache of one process; ours (gateway.limits) in the database.
ACCOUNT_RATE_LIMITS = False
MFA_ADAPTER = "tongdian.people.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "tongdian.people.forms.OneTimeCodeForm",
    "reauthenticate": "tongdian.people.forms.OneTimeCodeAgainForm",
    "activate_totp": "tongdian.people.forms.EnrolForm",
    "add_webauthn": "tongdian.people.forms.AddKeyForm",
    "edit_webauthn": "tongdian.people.forms.NameKeyForm",
}
MFA_TOTP_TOLERANCE = 1
# A security key is a second factor beside the password, never instead of it.
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Identity providers of organisations; their address is opened by a link, because a form may post to ourselves alone.
SOCIALACCOUNT_ADAPTER = "tongdian.people.adapters.ProviderLogin"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": identity_providers(text("TONGDIAN_OIDC", "")), "OAUTH_PKCE_ENABLED": True}
}
# How many proxies of ours stand in front; only their word about the visitor's address is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(text("TONGDIAN_PROXIES", "0"))

# Only a start for this machine alone may do without HTTPS.
HTTPS = flag("TONGDIAN_HTTPS", default=not set(ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"})
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None

# What failed is said on standard error, where `tongdian run` and a service's journal pick it up.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "level": "ERROR", "formatter": "plain"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "INFO"}},
}

PGHISTORY_APPEND_ONLY = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASE_URL = text("DATABASE_URL", "postgresql://tongdian_app@localhost/tongdian")
DATABASE_OWNER_URL = text("DATABASE_OWNER_URL", DATABASE_URL)
DATABASE_APP_ROLE = unquote(urlsplit(DATABASE_URL).username or "")
# Signing in to the database costs more than most pages: a thread keeps its connection and checks that it still works.
KEPT = {"CONN_MAX_AGE": int(text("TONGDIAN_DATABASE_KEEP_S", "60")), "CONN_HEALTH_CHECKS": True}
DATABASES = {
    "default": KEPT | database(DATABASE_OWNER_URL if flag("TONGDIAN_AS_OWNER", default=False) else DATABASE_URL)
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Collected files carry their hash in the name; before collecting (tests, development) they are served where they lie.
COLLECTED = flag("TONGDIAN_COLLECTED", default=(STATIC_ROOT / "staticfiles.json").exists())
WHITENOISE_USE_FINDERS = not COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME / "documents"}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# The provider of short messages; `tongdian run` starts a stand-in that speaks the same HTTP.
SMS_URL = text("TONGDIAN_SMS_URL", "http://127.0.0.1:8521")
SMS_KEY_ID = text("TONGDIAN_SMS_KEY_ID", "tongdian")
SMS_SECRET = secret("TONGDIAN_SMS_SECRET", home=HOME)
SMS_TIMEOUT_S = float(text("TONGDIAN_SMS_TIMEOUT_S", "5"))
SMS_HONOURS_IDS = flag("TONGDIAN_SMS_HONOURS_IDS", default=True)
SMS_ANSWERS_IDS = flag("TONGDIAN_SMS_ANSWERS_IDS", default=True)

# The key checkpoints of the timeline are signed with; while it is being rotated the previous one signs too.
LOG_KEY = secret("TONGDIAN_LOG_KEY", home=HOME)
LOG_KEY_PREVIOUS = text("TONGDIAN_LOG_KEY_PREVIOUS", "")
# Outside witnesses, separated by commas: an address, then the key it cosigns with (a stand-in tells its own).
WITNESSES = items("TONGDIAN_WITNESS_URL", "")

# A clamd that scans uploads, as tcp://host:port or unix:/path; without one they are marked as not scanned.
SCANNER_URL = text("TONGDIAN_SCANNER_URL", "")

# Where people reach this installation: printed in receipts and codes to scan.
SITE_URL = text("TONGDIAN_SITE_URL", "http://localhost:8000")
