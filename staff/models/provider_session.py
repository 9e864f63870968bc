from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

# So long is the provider's last good answer believed while it gives no other.
GRACE = timedelta(minutes=15)


class ProviderSession(models.Model):
    """What the provider gave at one sign-in, to be asked again with. Goes with the session.

    Not in the session itself: of two tabs the slower one would write an old token over the new.
    """

    session = models.OneToOneField("sessions.Session", models.CASCADE, primary_key=True)
    account = models.ForeignKey("socialaccount.SocialAccount", models.CASCADE, related_name="+")
    refresh_token = models.TextField()  # encrypted
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField()

    def __str__(self) -> str:
        return "ProviderSession"  # its key would open the session

    def is_to_be_asked(self, *, now: datetime) -> bool:
        return now - self.asked_at > timedelta(seconds=settings.OIDC_ASK_AGAIN_SECONDS)

    def is_believed(self, *, now: datetime) -> bool:
        return now - self.answered_at <= GRACE
