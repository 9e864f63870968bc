"""The states of a version of a text. What has been published is never changed again."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class VersionState(TextChoices):
    DRAFT = "draft", _("Utkast")
    WAITING = "waiting", _("Väntar på godkännande")
    PUBLISHED = "published", _("Publicerad")
    ARCHIVED = "archived", _("Tidigare")


S = VersionState

TRANSITIONS: dict[VersionState, set[VersionState]] = {
    S.DRAFT: {S.WAITING},
    S.WAITING: {S.DRAFT, S.PUBLISHED},
    S.PUBLISHED: {S.ARCHIVED},
}

# Still being worked on: one at most of each text.
OPEN = frozenset({S.DRAFT, S.WAITING})
