"""Deployment settings, all from the environment. docs/settings.md describes each; a workspace's options are columns."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from csp.constants import NONE, SELF

from twoway.lib import env, own_address, secret_key, words
from twoway.lib.logs import configure as configure_logs

PACKAGE_DIR = Path(__file__).resolve().parent
DATA_DIR = env.folder("TWOWAY_DATA", "var")
MEDIA_ROOT = DATA_DIR / "media"
DEBUG = env.flag("TWOWAY_DEBUG")
_LEFT = own_address.recorded(DATA_DIR)
PORT = env.integer("PORT", _LEFT.port, least=1, most=65535)
_HERE = f"http://127.0.0.1:{PORT}" if env.text("PORT") else _LEFT.public_url
PUBLIC_URL = (env.text("TWOWAY_PUBLIC_URL") or _HERE).rstrip("/")
LOG_LEVEL = env.text("TWOWAY_LOG_LEVEL", "info")
LOG_FORMAT = env.text("TWOWAY_LOG_FORMAT", "console")

MASTER_KEY = secret_key.load_or_create(DATA_DIR)


def _derive(purpose: str) -> bytes:
    """A key for one purpose from the master key (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(MASTER_KEY.encode())


SECRET_KEY = base64.urlsafe_b64encode(_derive("django")).decode()
SEALING_KEY = base64.urlsafe_b64encode(_derive("sealing")).decode()
CARRIER_KEY = _derive("simulator carrier").hex()
MEDIA_KEY = _derive("media addresses")
ADDRESS_KEY = _derive("address hashes")

ALLOWED_HOSTS = env.names("TWOWAY_ALLOWED_HOSTS") or ["*"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUSTED_PROXIES = env.names("TWOWAY_TRUSTED_PROXIES")
IS_HTTPS = PUBLIC_URL.startswith("https://")
if IS_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CSRF_FAILURE_VIEW = "twoway.desk.errors.csrf_failed"

INSTALLED_APPS = [
    "twoway.desk",  # first: its templates take the place of allauth's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "django_htmx",
    "csp",
    "ninja",
    "twoway.events",
    "twoway.teams",
    "twoway.teams.approvals",
    "twoway.teams.hours",
    "twoway.teams.inviting",
    "twoway.teams.roles",
    "twoway.channels",
    "twoway.contacts",
    "twoway.contacts.audiences",
    "twoway.contacts.fields",
    "twoway.compliance",
    "twoway.compliance.consent",
    "twoway.compliance.content",
    "twoway.compliance.modes",
    "twoway.compliance.optin",
    "twoway.compliance.pacing",
    "twoway.compliance.purposes",
    "twoway.compliance.quiet",
    "twoway.compliance.relevance",
    "twoway.compliance.retention",
    "twoway.compliance.revocation",
    "twoway.conversations",
    "twoway.conversations.effort",
    "twoway.conversations.together",
    "twoway.conversations.views",
    "twoway.routing",
    "twoway.routing.presence",
    "twoway.routing.escalation",
    "twoway.sla",
    "twoway.messaging",
    "twoway.messaging.callbacks",
    "twoway.messaging.calls",
    "twoway.messaging.deflection",
    "twoway.messaging.greeting",
    "twoway.messaging.merging",
    "twoway.messaging.scheduling",
    "twoway.messaging.tone",
    "twoway.messaging.search",
    "twoway.notifications",
    "twoway.replies",
    "twoway.analytics",
    "twoway.analytics.forecast",
    "twoway.analytics.wallboard",
    "twoway.ops",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "twoway.desk.middleware.trace",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "twoway.desk.middleware.membership",
]
ROOT_URLCONF = "twoway.urls"
WSGI_APPLICATION = "twoway.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "twoway.desk.chrome.chrome",
            ],
        },
    }
]

DATABASE_URL = env.text("DATABASE_URL") or "postgresql:///twoway"
DATABASES = {"default": {**env.database(DATABASE_URL), "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}}
DATABASES["default"]["OPTIONS"] = {
    **env.database(DATABASE_URL)["OPTIONS"],  # type: ignore[dict-item]
    # What a busy moment opened is given back one connection a minute: each idle one is 5 MB of PostgreSQL.
    "pool": {
        "min_size": 1,
        "max_size": env.integer("TWOWAY_WEB_THREADS", 8, least=1, most=64),
        "timeout": 10,
        "max_idle": 60.0,
    },
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entry"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WEB_THREADS = env.integer("TWOWAY_WEB_THREADS", 8, least=1, most=64)
WEB_PROCESSES = env.integer("TWOWAY_WEB_PROCESSES", 1, least=1, most=64)
DRAIN_SECONDS = env.integer("TWOWAY_DRAIN_SECONDS", 20, least=1, most=600)
UNDO_SECONDS = env.integer("TWOWAY_UNDO_SECONDS", 5, least=0, most=60)
SPOOL_BYTES = env.integer("TWOWAY_SPOOL_MEGABYTES", 256, least=0, most=1_000_000) * 1_048_576
PUSH_TRUSTED = env.names("TWOWAY_PUSH_TRUSTED")
INTAKE_QUEUE = env.integer("TWOWAY_INTAKE_QUEUE", 2000, least=10, most=100_000)

AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "twoway.desk.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"invitation": "30/m/ip", "single_sign_on": "30/m/ip"}
MFA_ADAPTER = "twoway.desk.accounts.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Twoway"
MFA_TOTP_TOLERANCE = 1  # the code before and the one after count too: clocks differ and people type (RFC 6238, 5.2)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS

EMAIL_URL = env.text("TWOWAY_EMAIL_URL")
DEFAULT_FROM_EMAIL = env.text("TWOWAY_EMAIL_FROM", "Twoway <twoway@localhost>")
globals().update(env.email(EMAIL_URL, mailbox=DATA_DIR / "mail"))

SSO_ISSUER = env.text("TWOWAY_SSO_ISSUER")
SSO_CLIENT_ID = env.text("TWOWAY_SSO_CLIENT_ID")
SSO_CLIENT_SECRET = env.text("TWOWAY_SSO_CLIENT_SECRET")
SSO_NAME = env.text("TWOWAY_SSO_NAME", "single sign-on")
SSO_DOMAINS = env.names("TWOWAY_SSO_DOMAINS")
SSO_ROLE = env.choice("TWOWAY_SSO_ROLE", among=("viewer", "agent", "manager", "admin"))
SSO_ONLY = env.flag("TWOWAY_SSO_ONLY")

LANGUAGE_CODE = "en"
LANGUAGES = list(words.LANGUAGES.items())
LOCALE_PATHS = [words.FOLDER]
FORMAT_MODULE_PATH = "twoway.lib.formats"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "media": env.media_store(env.text("TWOWAY_MEDIA_STORE"), folder=MEDIA_ROOT),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
MEDIA_MOST_BYTES = env.integer("TWOWAY_MEDIA_MEGABYTES", 25, least=1, most=100) * 1_048_576
MEDIA_LINK_DAYS = env.integer("TWOWAY_MEDIA_LINK_DAYS", 30, least=1, most=365)
PROCRASTINATE_IMPORT_PATHS = [
    "twoway.channels.numbers.tasks",
    "twoway.compliance.consent.tasks",
    "twoway.messaging.media.tasks",
    "twoway.messaging.retention.tasks",
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
LOGGING_CONFIG = None
configure_logs(level=LOG_LEVEL, style=LOG_FORMAT)
SILENCED_SYSTEM_CHECKS: list[str] = ["security.W008"]
