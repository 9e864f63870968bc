"""The variables each command gives the product. See `.env.example` for what they mean."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from tools import system
from tools.paths import ROOT

# Those a developer may set for ./dev; all others are left out, so that no demo or test
# ever writes to the database or sends through the gateway that a shell happens to name.
KEPT = ("DATA_DIR", "LOG_LEVEL", "BEAT_SECONDS")
FOLDERS = ("broker", "broker-control", "cache", "log", "outbox")


def demo(port: int) -> dict[str, str]:
    data = data_dir()
    make_folders(data)
    kept = {"BEAT_SECONDS": "5", **_kept()}
    return _without_ours() | kept | {
        # Either name of this machine may stand in the browser.
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DATA_DIR": str(data),
        "DEBUG": "0",
        "DEMO": "1",
        "PUBLIC_BASE_URL": f"http://localhost:{port}",
        "SECRET_KEY": _secret_key(data / "secret-key"),
    }  # fmt: skip


def test(data: Path) -> dict[str, str]:
    make_folders(data)
    return _without_ours() | {
        "CHROMIUM": system.chromium(),
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data}/koppla-pa.sqlite3",
        "BROKER_URL": "filesystem://",
        "KOPPLA_TEST_RUN": "sqlite",
        "NOTICES_PER_SECOND": "0",
        "PUBLIC_BASE_URL": "http://localhost:8000",
        "SECRET_KEY": "only for tests: " + "0123456789" * 5,
        "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    }


def production_like(data: Path) -> dict[str, str]:
    """What `check --deploy` is to find no fault with. Nothing here is connected to."""
    return _without_ours() | {
        "BROKER_URL": "redis://redis:6379/0",
        "CACHE_URL": "redis://redis:6379/1",
        "DATA_DIR": str(data),
        "DATABASE_URL": "postgres://koppla@postgres/koppla",
        "DEFAULT_FROM_EMAIL": "noreply@koppla.example",
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "PUBLIC_BASE_URL": "https://koppla.example",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SMS_GATEWAY": "messaging.notices.sms.twilio.Gateway",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32,
    }


def data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()


def make_folders(data: Path) -> None:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FOLDERS:
        (data / name).mkdir(exist_ok=True)
    # Only an image fills it, but WhiteNoise warns when it is missing.
    (ROOT / "staticfiles").mkdir(exist_ok=True)


def _without_ours() -> dict[str, str]:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    ours = set(re.findall(r"^#? ?([A-Z_]+)=", example, flags=re.MULTILINE))
    # An image sets this one. Here a dozen processes start, and each would compile every library.
    ours.add("PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"DJANGO_SETTINGS_MODULE": "config.settings"}


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if os.environ.get(name)}


def _secret_key(file: Path) -> str:
    """Made once, so that sign-ins outlive a restart."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_urlsafe(50))
    return file.read_text()
