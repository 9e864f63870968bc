from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up: administrators add those who work here."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
