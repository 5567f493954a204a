"""Every setting of the site, from `IVLE_*` environment variables. docs/settings.md describes each one."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from ivle import services
from ivle.environment import Environment, refuse
from sandbox import limits
from sandbox.environments import Environments
from sandbox.runtime import RUNTIME_IN_JAIL

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = Environment()
DEMO_SECRET_KEY = "demo-only: everybody knows it, so the demo answers this machine alone"  # noqa: S105
MIB = 1024 * 1024

# --- Who and where -----------------------------------------------------------------------------------------------
# The demo class (known passwords, loopback only) is on until the installation says what it is.
SECRET_KEY = ENVIRONMENT.secret("IVLE_SECRET_KEY")
IVLE_PUBLIC_URL = ENVIRONMENT.origin("IVLE_PUBLIC_URL", "")
IVLE_DEMO = ENVIRONMENT.switch("IVLE_DEMO", not (SECRET_KEY or IVLE_PUBLIC_URL))
PORT = ENVIRONMENT.number("PORT", 8000, 1, 65535)
IVLE_BIND = ENVIRONMENT.choice("IVLE_BIND", "127.0.0.1", ("127.0.0.1", "0.0.0.0"))  # noqa: S104

if IVLE_DEMO:
    if IVLE_BIND != "127.0.0.1":
        refuse("IVLE_BIND", IVLE_BIND, "127.0.0.1, because everybody knows the demo's passwords")
    if IVLE_PUBLIC_URL and urlsplit(IVLE_PUBLIC_URL).hostname not in ("localhost", "127.0.0.1"):
        refuse("IVLE_PUBLIC_URL", IVLE_PUBLIC_URL, "an address on localhost, because IVLE_DEMO is on")
    SECRET_KEY = SECRET_KEY or DEMO_SECRET_KEY
    IVLE_PUBLIC_URL = IVLE_PUBLIC_URL or f"http://localhost:{PORT}"
if not IVLE_PUBLIC_URL:
    refuse("IVLE_PUBLIC_URL", "", "the address people type, such as https://ivle.example.edu")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        "IVLE_SECRET_KEY is "
        + ("not set" if not SECRET_KEY else f"only {len(SECRET_KEY)} characters long")
        + "; wanted: at least 50 random characters, kept secret and kept the same. To make one: "
        """python3 -c "import secrets; print(secrets.token_urlsafe(50))" """.strip()
    )

SITE_HOST = urlsplit(IVLE_PUBLIC_URL).hostname or ""
HTTPS = IVLE_PUBLIC_URL.startswith("https://")

# Student pages live on this host and its sub-domains; empty: on the site's own host, under the CSP sandbox.
IVLE_PAGES_HOST = ENVIRONMENT.host("IVLE_PAGES_HOST", "pages.localhost" if IVLE_DEMO else "")
if IVLE_PAGES_HOST and f".{SITE_HOST}".endswith(f".{IVLE_PAGES_HOST}"):
    refuse("IVLE_PAGES_HOST", IVLE_PAGES_HOST, f"a host that {SITE_HOST} is neither equal to nor a sub-domain of")
# Each owner's pages on a host of their own below it, so that no two owners share an origin: <login>.<pages host>.
IVLE_PAGES_SUBDOMAINS = ENVIRONMENT.switch("IVLE_PAGES_SUBDOMAINS", False)
if IVLE_PAGES_SUBDOMAINS and not IVLE_PAGES_HOST:
    refuse("IVLE_PAGES_SUBDOMAINS", "yes", "no, because there is no IVLE_PAGES_HOST to be below")
# Proxies in front of the site that append to X-Forwarded-For and set X-Forwarded-Proto.
IVLE_PROXY_COUNT = ENVIRONMENT.number("IVLE_PROXY_COUNT", 0, 0, 9)

# Where the proxy in front finds the homes, for the large downloads that it is to send itself; empty: we send all.
IVLE_ACCEL = ENVIRONMENT.text("IVLE_ACCEL", "").removesuffix("/")
if IVLE_ACCEL and not re.fullmatch(r"(/[A-Za-z0-9_-]+)+", IVLE_ACCEL):
    refuse("IVLE_ACCEL", IVLE_ACCEL, "the path of an internal location of the proxy, such as /accel, or nothing")
if IVLE_ACCEL and not IVLE_PROXY_COUNT:
    refuse("IVLE_ACCEL", IVLE_ACCEL, "nothing, because with IVLE_PROXY_COUNT=0 there is no proxy to send files")

ALLOWED_HOSTS = [SITE_HOST, "localhost", "127.0.0.1"] if IVLE_DEMO else [SITE_HOST]
TIME_ZONE = ENVIRONMENT.time_zone("IVLE_TIME_ZONE", "UTC")
DEBUG = ENVIRONMENT.switch("IVLE_DEBUG", False)
if DEBUG and not IVLE_DEMO:
    refuse("IVLE_DEBUG", "yes", "no, because Django's error pages show secrets; it works in the demo only")

# --- Folders -----------------------------------------------------------------------------------------------------
IVLE_DATA = ENVIRONMENT.folder("IVLE_DATA", ROOT / "var")
IVLE_HOMES = IVLE_DATA / "homes"
IVLE_SANDBOX_SOCKET = IVLE_DATA / "run" / "sandbox.sock"
if len(os.fsencode(IVLE_SANDBOX_SOCKET)) > 107:  # unix(7): sun_path
    refuse("IVLE_DATA", str(IVLE_DATA), "a shorter path, because a socket's may have 107 bytes")
# The students' own Python: a virtual environment that has nothing of the site in it.
IVLE_RUNTIME = ENVIRONMENT.folder("IVLE_RUNTIME", ROOT / ".runtime")
# Others beside it, each with a name: what `manage.py runtime` makes.
IVLE_RUNTIMES = ENVIRONMENT.folder("IVLE_RUNTIMES", IVLE_DATA / "runtimes")
ENVIRONMENTS = Environments(IVLE_RUNTIMES, IVLE_RUNTIME)
# Whom student code runs as, and who owns the homes. Anybody but root may be only themselves.
IVLE_JAIL_UID = ENVIRONMENT.number("IVLE_JAIL_UID", 65533 if os.getuid() == 0 else os.getuid(), 1, (1 << 31) - 1)
if os.getuid() not in (0, IVLE_JAIL_UID):
    refuse("IVLE_JAIL_UID", str(IVLE_JAIL_UID), f"{os.getuid()}, because only root may run things as somebody else")

# --- Limits ------------------------------------------------------------------------------------------------------
# How much runs at once on this machine; the supervisor keeps to it. Whoever would wait too long is told to come back.
IVLE_RUNS_AT_ONCE = ENVIRONMENT.number("IVLE_RUNS_AT_ONCE", 64, 1, 10_000)
IVLE_RUNS_AT_ONCE_PER_OWNER = ENVIRONMENT.number("IVLE_RUNS_AT_ONCE_PER_OWNER", 16, 1, 10_000)
IVLE_RUNS_WAITING = ENVIRONMENT.number("IVLE_RUNS_WAITING", 512, 0, 100_000)
IVLE_RUNS_WAITING_PER_OWNER = ENVIRONMENT.number("IVLE_RUNS_WAITING_PER_OWNER", 64, 0, 100_000)
# What one person's programs may use together, consoles and marking included, and what of the machine's memory nobody
# gets: below it programs wait, one after the other.
IVLE_PERSON_MEMORY_MB = ENVIRONMENT.number("IVLE_PERSON_MEMORY_MB", 2048, 64, 1 << 24)
IVLE_PERSON_PROCESSES = ENVIRONMENT.number("IVLE_PERSON_PROCESSES", 256, 8, 1_000_000)
IVLE_MEMORY_RESERVE_MB = ENVIRONMENT.number("IVLE_MEMORY_RESERVE_MB", 512, 0, 1 << 24)
IVLE_SPARE_JAILS = ENVIRONMENT.number("IVLE_SPARE_JAILS", 8, 0, 1_000)
# Consoles open at once on this machine, and of one owner; one that has ended and is still shown counts no more.
IVLE_CONSOLES_MAX = ENVIRONMENT.number("IVLE_CONSOLES_MAX", 500, 1, 100_000)
IVLE_CONSOLES_PER_OWNER = ENVIRONMENT.number("IVLE_CONSOLES_PER_OWNER", 8, 1, 1_000)
# Language servers, which complete and explain in the editor: one for each editor that is open.
IVLE_LANGUAGE_SERVER = ENVIRONMENT.command("IVLE_LANGUAGE_SERVER", f"{RUNTIME_IN_JAIL}/bin/ty server")
if IVLE_LANGUAGE_SERVER and not os.path.normpath(IVLE_LANGUAGE_SERVER[0]).startswith(f"{RUNTIME_IN_JAIL}/"):
    refuse("IVLE_LANGUAGE_SERVER", IVLE_LANGUAGE_SERVER[0], f"a program below {RUNTIME_IN_JAIL}/, or nothing")
IVLE_LANGUAGE_SERVERS_MAX = ENVIRONMENT.number("IVLE_LANGUAGE_SERVERS_MAX", 64, 1, 100_000)
IVLE_LANGUAGE_SERVERS_PER_OWNER = ENVIRONMENT.number("IVLE_LANGUAGE_SERVERS_PER_OWNER", 2, 1, 1_000)
CGI_LIMITS = ENVIRONMENT.limits("CGI", limits.CGI)
CONSOLE_LIMITS = ENVIRONMENT.limits("CONSOLE", limits.CONSOLE)
LANGUAGE_LIMITS = ENVIRONMENT.limits("LANGUAGE", limits.LANGUAGE)
IVLE_UPLOAD_MAX_BYTES = ENVIRONMENT.number("IVLE_UPLOAD_MAX_BYTES", 32 * MIB, 1024, 1 << 40)
IVLE_UPLOADS_TOTAL_BYTES = ENVIRONMENT.number("IVLE_UPLOADS_TOTAL_BYTES", 512 * MIB, 1024, 1 << 44)
# What one person's folder and trash may take; and what nobody may take of the disk, so that deleting always works.
IVLE_QUOTA_MB = ENVIRONMENT.number("IVLE_QUOTA_MB", 1024, 1, 1 << 30)
IVLE_DISK_RESERVE_MB = ENVIRONMENT.number("IVLE_DISK_RESERVE_MB", 1024, 0, 1 << 30)
# What is kept of a person's earlier saves, compressed; the oldest go first. It does not count towards their quota.
IVLE_VERSIONS_MB = ENVIRONMENT.number("IVLE_VERSIONS_MB", 512, 1, 1 << 20)
IVLE_ZIP_MAX_MB = ENVIRONMENT.number("IVLE_ZIP_MAX_MB", 1024, 1, 1 << 20)
# Submissions that are marked at a time on this machine; 0: none, because others do it.
IVLE_MARKING_AT_ONCE = ENVIRONMENT.number("IVLE_MARKING_AT_ONCE", min(2 * (os.cpu_count() or 1), 16), 0, 256)
# What people of each kind have: shares of the processors where these are short, CPU seconds a day before the tarpit,
# memory and processes of all their programs together.
IVLE_SHARES_GUEST = ENVIRONMENT.number("IVLE_SHARES_GUEST", 150, 2, 10_000)
IVLE_SHARES_STUDENT = ENVIRONMENT.number("IVLE_SHARES_STUDENT", 300, 2, 10_000)
IVLE_SHARES_STAFF = ENVIRONMENT.number("IVLE_SHARES_STAFF", 700, 2, 10_000)
IVLE_SHARES_TARPIT = ENVIRONMENT.number("IVLE_SHARES_TARPIT", 2, 2, 10_000)
IVLE_ALLOWANCE_GUEST_SECONDS = ENVIRONMENT.number("IVLE_ALLOWANCE_GUEST_SECONDS", 120, 1, 86_400_000)
IVLE_ALLOWANCE_STUDENT_SECONDS = ENVIRONMENT.number("IVLE_ALLOWANCE_STUDENT_SECONDS", 3600, 1, 86_400_000)
IVLE_ALLOWANCE_STAFF_SECONDS = ENVIRONMENT.number("IVLE_ALLOWANCE_STAFF_SECONDS", 4 * 3600, 1, 86_400_000)
# How many processes answer requests; and how long what they have begun may take when they end. The units of
# deploy/systemd kill whoever has not ended after 90 s.
IVLE_WEB_PROCESSES = ENVIRONMENT.number("IVLE_WEB_PROCESSES", 1, 1, 64)
IVLE_DRAIN_SECONDS = ENVIRONMENT.seconds("IVLE_DRAIN_SECONDS", 15.0, 60.0)
IVLE_FAREWELL_SECONDS = ENVIRONMENT.seconds("IVLE_FAREWELL_SECONDS", 10.0, 60.0)  # from telling consoles to their end
# Shells of people without an account, which these sites may show in a frame; the site itself always may. Whether there
# are any at the moment is switched by an administrator, and kept in the database.
IVLE_GUEST_SITES = ENVIRONMENT.origins("IVLE_GUEST_SITES", ("https",) if HTTPS else ("https", "http"))
IVLE_GUESTS_MAX = ENVIRONMENT.number("IVLE_GUESTS_MAX", 16, 1, 100_000)
IVLE_GUESTS_PER_ADDRESS = ENVIRONMENT.number("IVLE_GUESTS_PER_ADDRESS", 4, 1, 100_000)
IVLE_GUEST_STARTS_PER_ADDRESS = ENVIRONMENT.number("IVLE_GUEST_STARTS_PER_ADDRESS", 30, 1, 1_000_000)
IVLE_GUEST_STARTS_PER_MINUTE = ENVIRONMENT.number("IVLE_GUEST_STARTS_PER_MINUTE", 60, 1, 1_000_000)
IVLE_GUEST_LIFE_MINUTES = ENVIRONMENT.number("IVLE_GUEST_LIFE_MINUTES", 20, 1, 24 * 60)
GUEST_LIMITS = ENVIRONMENT.limits("GUEST", limits.GUEST)
IVLE_LOGIN_ATTEMPTS = ENVIRONMENT.number("IVLE_LOGIN_ATTEMPTS", 5, 1, 1000)
IVLE_LOGIN_LOCKOUT_MINUTES = ENVIRONMENT.number("IVLE_LOGIN_LOCKOUT_MINUTES", 10, 1, 24 * 60)
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * MIB  # forms, texts of 2 MiB as JSON; programs' uploads come through cgirunner

# --- Django ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "ivle",
    "accounts",
    "files",
    "cgirunner",
    "console",
    "editor",
    "courses",
    "tutorial",
    "marks",
    "allowances",
    "shells",
    "operations",
    "axes",
    "channels",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "marks.door.Door",
    "ivle.response_headers.ResponseHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "ivle.unkeepable.Unkeepable",
    "operations.requests.NoteRequest",
    "ivle.compression.Compression",  # the innermost knows no async, so that all run in one thread, one after the other
]
ROOT_URLCONF = "ivle.urls"
ASGI_APPLICATION = "ivle.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": IVLE_DATA / "db.sqlite3",
    "CONN_MAX_AGE": None,  # opening the file anew for each request costs more than the queries
    "OPTIONS": {
        "timeout": 10,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
database_url = ENVIRONMENT.secret("IVLE_DATABASE_URL")
DATABASES = {"default": services.postgresql("IVLE_DATABASE_URL", database_url) if database_url else SQLITE}
redis_url = ENVIRONMENT.secret("IVLE_REDIS_URL")
if redis_url:
    services.check_redis("IVLE_REDIS_URL", redis_url)
CACHES = services.caches(redis_url)
CHANNEL_LAYERS = services.channel_layers(redis_url)
# Marking in the background: tickets in the same database, so that a submission and its ticket are there or both not.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "marks"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "frontend"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "ivle.assets.ReleaseStorage"},
}
LANGUAGE_CODE = "en"
USE_TZ = True

# --- Login -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "home"
PASSWORD_RESET_TIMEOUT = 14 * 24 * 3600  # s: of the links at which new people choose their first password
AXES_FAILURE_LIMIT = IVLE_LOGIN_ATTEMPTS
AXES_COOLOFF_TIME = timedelta(minutes=IVLE_LOGIN_LOCKOUT_MINUTES)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # so that the time we name is the time it ends
AXES_VERBOSE = False

# --- Cookies and headers -----------------------------------------------------------------------------------------
# No Domain attribute: the pages host never gets these. __Host- keeps a sub-domain from planting its own.
SESSION_COOKIE_NAME = "__Host-ivle-session" if HTTPS else "ivle-session"
CSRF_COOKIE_NAME = "__Host-ivle-csrf" if HTTPS else "ivle-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [IVLE_PUBLIC_URL]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# Of Django's own advice what is not for us to do: hosts below the site's name are not ours to speak for (HSTS for
# sub-domains, preload), and the proxy redirects to HTTPS.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Operations --------------------------------------------------------------------------------------------------
# Who may read /metrics: who sends this as a bearer token; empty: this machine alone, where no proxy stands in front.
IVLE_METRICS_TOKEN = ENVIRONMENT.secret("IVLE_METRICS_TOKEN")
# What is told of alarms: a program, by JSON on its standard input; an address, by POST. Neither: the log alone.
IVLE_ALARM_COMMAND = ENVIRONMENT.command("IVLE_ALARM_COMMAND", "")
IVLE_ALARM_WEBHOOK = ENVIRONMENT.webhook("IVLE_ALARM_WEBHOOK")
IVLE_ALARM_AFTER_SECONDS = ENVIRONMENT.number("IVLE_ALARM_AFTER_SECONDS", 60, 1, 3600)
IVLE_ALARM_MARKING_MINUTES = ENVIRONMENT.number("IVLE_ALARM_MARKING_MINUTES", 15, 1, 24 * 60)

# --- Log ---------------------------------------------------------------------------------------------------------
IVLE_LOG_LEVEL = ENVIRONMENT.choice("IVLE_LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR"))
IVLE_LOG_FORMAT = ENVIRONMENT.choice("IVLE_LOG_FORMAT", "text", ("text", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"()": "operations.log_lines.TextLines"}, "json": {"()": "operations.log_lines.JsonLines"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": IVLE_LOG_FORMAT},
        "errors": {"class": "operations.web_counts.CountErrors", "level": "ERROR"},
    },
    "root": {"handlers": ["stderr", "errors"], "level": IVLE_LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": IVLE_LOG_LEVEL, "propagate": True},
        "django.request": {"level": "ERROR"},  # a page that is not there is no news
        "axes": {"level": "ERROR"},  # who was locked out is in the administration
    },
}
ENVIRONMENT.names |= {"IVLE_CI", "IVLE_TOKEN"}  # read by the tests, and by the client
