"""Who reaches which address. One that is not here fails the suite.

A new page: put its name in one of the sets below. A new part of an address: say in `PARTS` how to
write it. A new page in the admin: add its model to `ADMIN`, or its name to `ADMIN_PAGES`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver

from messaging.municipality.models import SettingsChange
from messaging.notices.models import Notice
from messaging.sheet.models import SheetText
from messaging.sync.models import SyncRun
from messaging.wording.models import RevealingWord, Text
from onboarding.imports.models import ImportRun
from onboarding.retention.models import Disposal
from persons.models import (
    AccessLogEntry,
    Case,
    EmergencyAccess,
    EServiceAccount,
    NamedAccess,
    Person,
    PersonEvent,
)
from relations.models import Relation
from staff.models import Absence, GroupMapping, Membership, Unit, User
from tests.access.canaries import models_about_a_person
from tests.access.world import NOT_SIGNED_IN, SEES, World

# Everyone, also without signing in: nothing in them is about anybody.
PUBLIC = {
    "alive", "ready", "account_login", "account_logout", "account_inactive", "colour", "logo",
    "sheet", "sheet_in", "sheet_pdf", "cookies", "accessibility", "session",
    "mfa_authenticate", "oidc_sign_in", "oidc_answer", "oidc_signed_out",
    "figures_as_text",  # asks no session: a token, and there is none here
    "sms_callback", "email_callback",  # ask no session: a provider's signature, or its secret
}  # fmt: skip
# About one person: only those who may see the person.
ABOUT_A_PERSON = {
    "person", "reveal_number", "history", "readers", "switch_on", "undo_switch_on", "switch_off",
    "welcome", "stop_welcome", "cases", "add_case", "change_case", "transfer_case", "close_case",
    "relations", "add_relation", "relation", "close_relation", "review_emergency",
    "reveal", "mark_protected", "ask_for_decision", "registration",
    "change_details", "confirm_mobile", "test_sms", "answer_test_sms",
}  # fmt: skip
# About one protected person, unnamed: only the manager of the unit, named or not.
FOR_THE_MANAGER = {
    "protected_person", "name_workers", "end_named_access", "decide", "undo_decision",
    "lift_protection",
}  # fmt: skip
# Everyone who has signed in; what they see there is their own.
STAFF = {
    "start", "sync_status", "my_settings", "account_reauthenticate", "mfa_index",
    "mfa_reauthenticate", "mfa_activate_totp", "mfa_add_webauthn", "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
}  # fmt: skip
# Who works with people, and may look for more of them.
CASEWORK = {
    "colleague in the unit", "support contact", "case worker", "substitute", "manager",
    "worker elsewhere", "manager elsewhere", "opened in an emergency",
}  # fmt: skip
MANAGERS = {"manager", "manager elsewhere"}
# Who has a part in the case, and whose it is to give away.
WITH_THE_CASE = CASEWORK - {"opened in an emergency"}
WITH_THE_DECISION = {"case worker", "substitute", "manager", "manager elsewhere"}
# Pages of some roles. To others they do not exist.
ONLY_FOR: dict[str, set[str]] = {
    "add_case": WITH_THE_CASE,
    "change_case": WITH_THE_CASE,
    "transfer_case": WITH_THE_DECISION,
    "close_case": WITH_THE_DECISION,
    "search": CASEWORK,
    "absences": CASEWORK,
    "end_absence": {"case worker", "manager"},
    "open_without_assignment": CASEWORK,
    "emergency_reviews": MANAGERS,
    "review_emergency": MANAGERS,
    "add_person": CASEWORK,
    "registrations": CASEWORK,
    "registration": MANAGERS,
    "unit_persons": MANAGERS,
    "run_sync": {"administrator"},
    "sync_one": {"administrator"},
    "set_aside_again": {"administrator"},
    "allow_closings": {"administrator"},
    "operations": {"administrator"},
    "try_gateway_again": {"administrator"},
    "sheet_texts": {"template editor", "administrator"},
    "sheet_text": {"template editor", "administrator"},
    "sheet_text_pdf": {"template editor", "administrator"},
    "move_sheet_text": {"template editor", "administrator"},
    "texts": {"template editor", "administrator"},
    "text": {"template editor", "administrator"},
    "move_text": {"template editor", "administrator"},
    "municipality": {"administrator"},
    "preview_colour": {"administrator"},
    "log_reviews": {"log reviewer"},
    "review_look": {"log reviewer"},
    "review_readers": {"log reviewer"},
    "imports": {"administrator"},
    "import_example": {"administrator"},
    "import_run": {"administrator"},
    "import_errors": {"administrator"},
    "proceed_import": {"administrator"},
    "discard_import": {"administrator"},
    "protected_people": {"manager", "manager elsewhere"},
}
# For nobody: not there outside the demo, or with this gateway, or leading nowhere.
NOBODY = {
    "boxes", "demo_clock", "demo_components", "outbox", "outbox_item", "outbox_attachment",
    "admin:catch_all_view", "admin:view_on_site",
}  # fmt: skip
# Not there until codes have been made, and until a provider is in the settings.
LATER = {
    "mfa_view_recovery_codes", "oidc_sign_in", "oidc_answer", "oidc_signed_out", "figures_as_text",
    # Without the gateway and the provider that call back.
    "sms_callback", "email_callback",
}  # fmt: skip

ADMIN: dict[str, Any] = {
    "imports_importrun": ImportRun,
    "municipality_settingschange": SettingsChange,
    "persons_case": Case,
    "persons_emergencyaccess": EmergencyAccess,
    "persons_eserviceaccount": EServiceAccount,
    "persons_namedaccess": NamedAccess,
    "persons_person": Person,
    "persons_personevent": PersonEvent,
    "relations_relation": Relation,
    "retention_disposal": Disposal,
    "staff_absence": Absence,
    "notices_notice": Notice,
    "sync_syncrun": SyncRun,
    "wording_revealingword": RevealingWord,
    "staff_user": User,
    "staff_unit": Unit,
    "staff_membership": Membership,
    "staff_groupmapping": GroupMapping,
}
ADMIN_PAGES = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete",
    "jsi18n", "app_list", "auth_user_password_change",
    "view",  # leads from the address of a row to its change page
}  # fmt: skip

# Pages that each model has in the admin.
MODEL_PAGES = ("changelist", "add", "history", "delete", "change")

# How each part of an address is written: for one person, or None for nobody's.
PARTS: dict[str, Callable[[World, str | None], object]] = {
    "person_id": lambda world, kind: world.persons[kind].public_id if kind else uuid4(),
    "relation_id": lambda world, kind: world.row(Relation, kind).public_id if kind else uuid4(),
    "case_id": lambda world, kind: world.row(Case, kind).pk if kind else 0,
    "registration_id": lambda world, kind: world.registrations[kind].public_id if kind else uuid4(),
    "entry_id": lambda world, kind: world.row(AccessLogEntry, kind).pk if kind else 0,
    "run_id": lambda world, kind: world.import_run.public_id if kind else uuid4(),
    "absence_id": lambda world, kind: Absence.objects.get().pk if kind else 0,
    "opening_id": lambda world, kind: world.row(EmergencyAccess, kind).pk if kind else 0,
    "slug": lambda world, kind: "inget",
    "gateway": lambda world, kind: "locmem",
    "provider": lambda world, kind: "brevo",
    "ref": lambda world, kind: world.row(Notice, kind).ref if kind else uuid4(),
    "language": lambda world, kind: world.sheet.language,
    "version": lambda world, kind: world.sheet.version,
    "version_id": lambda world, kind: SheetText.objects.latest("pk").pk if kind else 0,
    "text_id": lambda world, kind: Text.objects.latest("pk").pk if kind else 0,
    "kind": lambda world, kind: "welcome",
    "medium": lambda world, kind: "sms",
    "to": lambda world, kind: "utkast",
    "what": lambda world, kind: "namn",
    "id": lambda world, kind: world.users["case worker"].pk if kind else 0,
    "content_type_id": lambda world, kind: 1,
}
# Regular expressions cannot be written backwards, and one page needs to be asked something.
WRITTEN_OUT = {
    "admin:app_list": "admin/staff/",
    "admin:catch_all_view": "admin/finns-inte/",
    "preview_colour": "installningar/kommunen/prov.css?colour=%23336699",
}
WRONG = ("inget", "-1", "0", "%00", "..%2f", "9" * 40)


@dataclass(frozen=True)
class Address:
    name: str
    route: str

    @property
    def parts(self) -> list[str]:
        return re.findall(r"<(?:\w+:)?(\w+)>", WRITTEN_OUT.get(self.name, self.route))

    @property
    def is_about_a_person(self) -> bool:
        about = self.name in ABOUT_A_PERSON | FOR_THE_MANAGER
        return bool(self.parts) and (about or self._model in PERSONAL)

    def of(self, world: World, kind: str | None, **other: object) -> str:
        """The address about this person, or about nobody. `other`: parts that are otherwise."""
        path = "/" + WRITTEN_OUT.get(self.name, self.route)
        for part in self.parts:
            value = other[part] if part in other else self._part(world, kind, part)
            path = re.sub(rf"<(?:\w+:)?{part}>", str(value), path)
        return path

    def who_reaches(self, kind: str | None) -> set[str]:
        if self.name in PUBLIC:
            return set(SEES)
        if self.name in NOBODY:
            return set()
        if self.name in FOR_THE_MANAGER:
            return {"manager"} if kind == "protected" else set()
        if self.name.startswith("admin:"):
            return {"administrator"}
        signed_in = ONLY_FOR.get(self.name, set(SEES) - NOT_SIGNED_IN)
        if self.name in ABOUT_A_PERSON:
            return {who for who in signed_in if kind in SEES[who]}
        return signed_in

    @property
    def _model(self) -> Any:
        """Whose page in the admin it is."""
        return ADMIN.get("_".join(self.route.split("/")[1:3]))

    def _part(self, world: World, kind: str | None, part: str) -> object:
        if part != "object_id":
            return PARTS[part](world, kind)
        if kind is None or self._model is None:
            return 0
        row = (
            world.row(self._model, kind) if self._model in PERSONAL else self._model.objects.first()
        )
        return row.pk if row else 0


PERSONAL = models_about_a_person()
KNOWN = (
    PUBLIC | ABOUT_A_PERSON | FOR_THE_MANAGER | STAFF | set(ONLY_FOR) | NOBODY
    | {f"admin:{page}" for page in ADMIN_PAGES}
    | {f"admin:{model}_{page}" for model in ADMIN for page in MODEL_PAGES}
)  # fmt: skip


def addresses() -> list[Address]:
    return list(_walk(get_resolver()))


def _walk(resolver: URLResolver, space: str = "", before: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, pattern.namespace or space, route)
        else:
            yield Address(_name(pattern, space), route)


def _name(pattern: URLPattern, space: str) -> str:
    name = pattern.name or pattern.callback.__name__
    return f"{space}:{name}" if space else name
