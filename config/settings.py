"""One settings file. Environments differ by variables only, and strict is the default.

Every variable is explained in `.env.example`.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
# Whoever gives the secret gives everything: ./dev must never meet production's addresses in .env.
if "SECRET_KEY" not in env:
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")  # no default: a missing secret stops the start
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))

# The address that browsers and callbacks use. Everything about HTTPS follows from it.
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL").rstrip("/")
_address = urlsplit(PUBLIC_BASE_URL)
HTTPS = _address.scheme == "https"

# Demo mode shows sign-ins, invented people, the outbox page and a movable clock.
DEMO = env.bool("DEMO", default=False)
if DEMO and _address.hostname not in {"localhost", "127.0.0.1"}:
    raise ImproperlyConfigured("DEMO is only for this machine: PUBLIC_BASE_URL names another host.")

# How many proxies in a row stand before the web process. Each adds the address it was asked from.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_address.hostname])
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]

INSTALLED_APPS = [
    "onboarding",
    "onboarding.imports",
    "onboarding.retention",
    "messaging.inbox",
    "messaging.municipality",
    "messaging.notices",
    "messaging.sheet",
    "messaging.sync",
    "messaging.wording",
    "relations",
    "persons",
    "staff",
    "web",
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "web.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.middleware.RequestLogMiddleware",
    "web.middleware.ReadableAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "staff.middleware.SessionLimitMiddleware",
    "staff.middleware.ProviderMiddleware",
    "staff.middleware.SignInMiddleware",
    "staff.middleware.SecondFactorMiddleware",
    "persons.middleware.AccessLogMiddleware",
    "web.middleware.HtmxRedirectMiddleware",
    "web.middleware.PrivatePageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "staff.context.workplace",
                "web.context.demo",
                "onboarding.context.menu",
            ],
            "builtins": ["web.templatetags.words", "django.templatetags.i18n"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/koppla-pa.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Recursive: else REPLACE would overwrite history without asking the triggers.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA recursive_triggers=ON;",
    }
    # A file, not memory: some tests start workers and browsers of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
# Whom `limit_database_role` makes and limits: the web process, the worker and beat connect as it.
APP_DATABASE_URL = env.str("APP_DATABASE_URL", default="")
# Sign-in limits count here, so all web processes must share it.
CACHES = {"default": env.cache("CACHE_URL", default=f"filecache://{DATA_DIR}/cache")}

# -- Sign-in ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "staff.permissions.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "staff.signin.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_FORMS = {
    "login": "staff.forms.SignInForm",
    "reauthenticate": "staff.forms.PasswordAgainForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"

# The municipality's identity provider (OpenID Connect). Without an issuer it is off.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_SCOPES = env.list("OIDC_SCOPES", default=["openid", "profile", "email", "offline_access"])
OIDC_GROUP_CLAIM = env.str("OIDC_GROUP_CLAIM", default="groups")
# What in the signed token says that a second factor was shown there.
OIDC_MFA_AMR = env.list("OIDC_MFA_AMR", default=["mfa"])
OIDC_MFA_ACR = env.list("OIDC_MFA_ACR", default=[])
# While a session lasts: is the account open, and in which groups? 0: never asked.
OIDC_ASK_AGAIN_SECONDS = env.int("OIDC_ASK_AGAIN_SECONDS", default=60)
_issuer = urlsplit(OIDC_ISSUER)
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
if OIDC_ISSUER and _issuer.scheme != "https" and _issuer.hostname != "127.0.0.1":
    raise ImproperlyConfigured("OIDC_ISSUER must be https: who signs in is decided there.")
SOCIALACCOUNT_ADAPTER = "staff.signin.GroupGate"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
# A password alone lets nobody in, except in the demo.
SECOND_FACTOR_REQUIRED = not DEMO
MFA_ADAPTER = "staff.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "staff.forms.CodeForm",
    "reauthenticate": "staff.forms.CodeAgainForm",
    "activate_totp": "staff.forms.ActivateAppForm",
    "add_webauthn": "staff.forms.AddKeyForm",
    "authenticate_webauthn": "staff.forms.KeyForm",
    "reauthenticate_webauthn": "staff.forms.KeyAgainForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # administrators write the addresses
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Meddelanden"
MFA_TOTP_TOLERANCE = 1  # telephones' clocks are wrong by half a minute

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
# From sign-in, whatever one does; each session also ends so long after the last thing done.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=30 * 60)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# -- What a browser may do with our pages ----------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^halsa/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Not "no-referrer": Django's CSRF check needs the Referer over HTTPS.
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "web.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],  # the design system's icons are data: URLs
        "connect-src": [SELF],
        # Signing in and out lead on from a form of ours to the identity provider.
        "form-action": [SELF, *([f"{_issuer.scheme}://{_issuer.netloc}"] if OIDC_ISSUER else [])],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Not in cookies: messages name people.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# -- Language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", "Svenska")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"
FORMAT_MODULE_PATH = ["config.formats"]

# -- Static files ----------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Demo and development serve straight from the source folders: no collectstatic step.
WHITENOISE_USE_FINDERS = DEBUG or DEMO
_static = "django.contrib.staticfiles.storage.StaticFilesStorage"
if not WHITENOISE_USE_FINDERS:
    _static = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": env.str("STATIC_STORAGE", default=_static)},
}

# -- What leaves the house -------------------------------------------------------------------
# Demo mode writes SMS and e-mail to this folder; the page "Utkorg" shows it.
OUTBOX_DIR = DATA_DIR / "outbox"
SMS_GATEWAY = env.str(
    "SMS_GATEWAY",
    default=f"messaging.notices.sms.{'outbox' if DEMO else 'console'}.Gateway",
)
# Takes over where the first provably did not take the message.
SMS_GATEWAY_RESERVE = env.str("SMS_GATEWAY_RESERVE", default="")
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_MESSAGING_SERVICE_SID = env.str("TWILIO_MESSAGING_SERVICE_SID", default="")
TWILIO_REGION = env.str("TWILIO_REGION", default="ie1")

ELKS46_URL = env.str("ELKS46_URL", default="https://api.46elks.com/a1")
ELKS46_USERNAME = env.str("ELKS46_USERNAME", default="")
ELKS46_PASSWORD = env.str("ELKS46_PASSWORD", default="")

vars().update(dict(env.email_url("EMAIL_URL", default="smtp://localhost:25")))
_mail = "filebased" if DEMO else "console"
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default=f"django.core.mail.backends.{_mail}.EmailBackend")
EMAIL_FILE_PATH = OUTBOX_DIR
EMAIL_TIMEOUT = 10
# Who can tell whether an e-mail left before a worker died. Empty: then a person decides.
EMAIL_FINDER = env.str(
    "EMAIL_FINDER", default="messaging.notices.outbox.find_email" if DEMO else ""
)
# A worker that has not answered for this long has lost its notice.
NOTICE_LEASE_SECONDS = env.int("NOTICE_LEASE_SECONDS", default=30 if DEMO else 120)
# How long a provider may take to show what it has taken.
NOTICE_SETTLE_SECONDS = env.int("NOTICE_SETTLE_SECONDS", default=5 if DEMO else 900)
# Through each gateway, however many wait. 0: as fast as it can.
NOTICES_PER_SECOND = env.float("NOTICES_PER_SECOND", default=10)
# The longest a gateway that takes nothing is left alone before it is tried again.
NOTICE_REST_SECONDS = env.int("NOTICE_REST_SECONDS", default=5 if DEMO else 240)
# Tells a restored backup from the database that it is a copy of. In no backup itself.
RESTORE_MARKER_FILE = env.str("RESTORE_MARKER_FILE", default=str(DATA_DIR / "restore-marker"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="noreply@localhost")
# Two while one takes the place of the other. Without any, no provider may call back.
EMAIL_WEBHOOK_SECRETS = env.list("EMAIL_WEBHOOK_SECRETS", default=[])
ANYMAIL: dict[str, object] = {
    "REQUESTS_TIMEOUT": (3.05, 10),
    **env.dict("ANYMAIL", default={}),
    "WEBHOOK_SECRET": EMAIL_WEBHOOK_SECRETS,
}

# Who shows it may read the figures at /halsa/matt. Empty: there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# -- The night -------------------------------------------------------------------------------
SYNC_GATEWAY = env.str("SYNC_GATEWAY", default="messaging.sync.gateways.builtin.Gateway")
SYNC_HTTP_URL = env.str("SYNC_HTTP_URL", default="")
SYNC_HTTP_TOKEN = env.str("SYNC_HTTP_TOKEN", default="")
SYNC_HTTP_CERT = env.str("SYNC_HTTP_CERT", default="")
SYNC_HTTP_KEY = env.str("SYNC_HTTP_KEY", default="")
SYNC_HTTP_CA = env.str("SYNC_HTTP_CA", default="")
SYNC_FOLDER = env.str("SYNC_FOLDER", default="")
# Local time. Never between 02:00 and 03:00: that hour is missing or doubled on the switch nights.
NIGHTLY_SYNC_AT = env.str("NIGHTLY_SYNC_AT", default="03:30")
# Demo mode can move the clock forward, so that the night and the morning can be seen at once.
CLOCK_OFFSET_FILE = DATA_DIR / "demo-clock" if DEMO else None

# -- Looking up people -----------------------------------------------------------------------
SEARCHES_PER_MINUTE = env.int("SEARCHES_PER_MINUTE", default=30)
SEARCHED_PERSONS_PER_HOUR = env.int("SEARCHED_PERSONS_PER_HOUR", default=200)
EMERGENCY_ACCESS_HOURS = env.int("EMERGENCY_ACCESS_HOURS", default=8)
EMERGENCY_ACCESS_PER_DAY = env.int("EMERGENCY_ACCESS_PER_DAY", default=5)

# -- How long people are kept ----------------------------------------------------------------
RETENTION_POLICY = env.str("RETENTION_POLICY", default="KEEP_ALL")
# The access log has a time of its own. 0: kept.
ACCESS_LOG_YEARS = env.int("ACCESS_LOG_YEARS", default=0)

# -- Reviewing the access log ----------------------------------------------------------------
LOG_REVIEW_SAMPLE = env.int("LOG_REVIEW_SAMPLE", default=20)
LOG_REVIEW_PERSONS_PER_HOUR = env.int("LOG_REVIEW_PERSONS_PER_HOUR", default=30)

# -- Celery ----------------------------------------------------------------------------------
BEAT_SECONDS = env.int("BEAT_SECONDS", default=60)
CELERY_BROKER_URL = env.str("BROKER_URL", default="filesystem://")
# UTC: in local time beat falls silent for an hour on the October switch night.
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"visibility_timeout": 900}
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT = "config.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker-control"),
        "polling_interval": 0.1,
    }

LOGGING_CONFIG = None
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
logs.configure(level=LOG_LEVEL)

# The hours for SMS have fixed defaults on purpose. Django only says so when the clock strikes them.
SILENCED_SYSTEM_CHECKS = ["fields.W161"]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
