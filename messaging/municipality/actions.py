from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from messaging.municipality.models import SettingsChange
from persons.models import NotAllowed
from staff import permissions
from staff.models import Municipality, User

# Follows from the others.
_NOT_SET_BY_HAND = {"id", "version", "logo_type"}


@transaction.atomic
def change_settings(*, municipality: Municipality, by: User) -> None:
    """Save what has been edited, and write down what it was before.

    Raises NotAllowed when somebody else changed it since it was read.
    """
    if not permissions.may_administer(by):
        raise PermissionDenied
    before = Municipality.objects.select_for_update().get(pk=municipality.pk)
    if before.version != municipality.version:
        raise NotAllowed(f"version {before.version}")
    changes = {
        field.name: [old, new]
        for field in Municipality._meta.concrete_fields
        if field.name not in _NOT_SET_BY_HAND
        and (old := _shown(before, field.name)) != (new := _shown(municipality, field.name))
    }
    municipality.version += 1
    municipality.save()
    if changes:
        SettingsChange.objects.create(by=by, changes=changes)


def _shown(municipality: Municipality, name: str) -> Any:
    value = getattr(municipality, name)
    if name == "logo":
        return _("bild, %(size)d byte") % {"size": len(value)} if value else ""
    return value.isoformat("minutes") if hasattr(value, "isoformat") else value
