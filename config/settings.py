"""Django's settings, from the typed environment."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from config.environment import ROOT, read

ENVIRONMENT = read()

PRODUCTION = ENVIRONMENT.production
SANDBOX = ENVIRONMENT.sandbox
PORTAL_URL = ENVIRONMENT.portal_url
PORTAL_CODE = "azexport"
PORTAL_KEYS = ENVIRONMENT.portal_keys
REGULATIONS = ENVIRONMENT.regulations

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
ALLOWED_HOSTS = [urlsplit(PORTAL_URL).hostname or "localhost", "localhost", "127.0.0.1", "testserver"]
if PRODUCTION:
    ALLOWED_HOSTS = ALLOWED_HOSTS[:1]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOMS = [
    "kernel", "audit", "calendar", "reference", "signatures", "documents", "participants", "exchange",
    "parties", "notices", "services", "catalogue", "contracts", "cases", "permits", "customs", "appeals", "exports",
    "site", "cabinet", "desk", "gateway",
]  # fmt: skip

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "procrastinate.contrib.django",
    *[f"azexport.{room}" for room in ROOMS if (ROOT / "azexport" / room / "__init__.py").exists()],
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "azexport.kernel.http.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "azexport.kernel.http.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "azexport.kernel.http.ErrorPages",
    "azexport.parties.http.SignedInMember",
    "azexport.kernel.http.AudienceGate",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "config.context.portal",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


def database(url: str) -> dict[str, object]:
    """Django's database settings of a postgresql:// address."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError("DATABASE_URL must begin with postgresql://")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        # Without a pool each request costs 7 to 16 times the server's time.
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}, **query},
    }


DATABASES = {"default": database(ENVIRONMENT.database_url)}

LANGUAGE_CODE = "az"
LANGUAGES = [("az", "Azərbaycanca"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Baku"
LANGUAGE_COOKIE_NAME = "language"

STATIC_URL = "/static/"
STATICFILES_DIRS: list[str] = []
STATIC_ROOT = ROOT / "frontend" / "dist"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600

SESSION_COOKIE_NAME = "session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PORTAL_URL.startswith("https://")
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
CSRF_FAILURE_VIEW = "azexport.kernel.http.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION
BEHIND_PROXY = ENVIRONMENT.behind_proxy
# Without it every request that comes through a proxy which ends TLS would be redirected for ever.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.behind_proxy else None
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "localhost"
EMAIL_PORT = 8125
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = "azexport <no-reply@azexport.az>"
if SANDBOX and (SANDBOX / "directory.json").exists():
    import json

    _directory = json.loads((SANDBOX / "directory.json").read_text())
    EMAIL_HOST, EMAIL_PORT = _directory["smtp"]["host"], _directory["smtp"]["port"]

DISCUSSION_DAYS = 10
"""Least days of a draft regulation's public discussion. S9.7 names no term: this one is the portal's own."""

SUBJECTS = "config.subjects.SUBJECTS"
PROOF_RENEWED_BEFORE = timedelta(days=180)
"""A signed document gets a new time stamp so long before the certificate of its newest one ends."""
WEAK_PROOFS: tuple[str, ...] = ()
"""Digests, signature algorithms and keys (`sha256`, `sha256_ecdsa`, `ec_256`, `rsa_2048`) of time stamps that must be
renewed although their certificate is valid for long: named here when they are about to become too weak."""

EVENTS = "config.events.EVENTS"
DOCUMENT_READERS = "config.readers.DOCUMENT_READERS"
PAPER_SIGNERS = "config.signers.PAPER_SIGNERS"

PROCRASTINATE_ON_APP_READY = "config.jobs.prepare"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"azexport": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
