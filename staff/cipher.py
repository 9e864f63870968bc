"""What lies encrypted in the database: a copy of it alone must not be enough to use it."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def encrypt(text: str, *, purpose: str) -> str:
    return _cipher(purpose).encrypt(text.encode()).decode()


def decrypt(text: str, *, purpose: str) -> str:
    """What was encrypted for another purpose cannot be read."""
    return _cipher(purpose).decrypt(text.encode()).decode()


def _cipher(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(f"{purpose}: {key}")) for key in keys])


def _derived(text: str) -> bytes:
    return urlsafe_b64encode(sha256(text.encode()).digest())
