import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from staff.models.period import Period
from web import clock


class Role(models.TextChoices):
    CASE_WORKER = "case_worker", _("Handläggare")
    SUPPORT_CONTACT = "support_contact", _("Kontaktperson")
    UNIT_MANAGER = "unit_manager", _("Enhetschef")
    TEMPLATE_EDITOR = "template_editor", _("Mallansvarig")
    SYSTEM_ADMIN = "system_admin", _("Systemförvaltare")
    LOG_REVIEWER = "log_reviewer", _("Loggranskare")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractUser):
    """Someone who works here. What they may do follows from their memberships alone."""

    username = None  # type: ignore[assignment]
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-postadress"), unique=True)
    phone = models.CharField(_("telefon"), max_length=30, blank=True)
    # Ctrl+K is the screen reader's in some programs, so it is asked for (WCAG 2.1.4).
    keyboard_shortcuts = models.BooleanField(_("använd tangentbordsgenvägar"), default=False)
    # Off until somebody asks for it.
    morning_email = models.BooleanField(_("mejl på morgonen"), default=False)
    # The latest day on which it was written. Claimed before it is sent: never two on one day.
    morning_email_on = models.DateField(null=True, blank=True, editable=False)
    may_be_linked = models.BooleanField(
        _("kopplas till kommunens konto"),
        default=False,
        help_text=_(
            "Vid nästa inloggning med kommunens konto och samma e-postadress. Gäller en gång."
        ),
    )
    # Part of what each session is checked against: another number ends them all.
    session_version = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("medarbetare")
        verbose_name_plural = _("medarbetare")

    def __str__(self) -> str:
        return self.get_full_name() or f"User {self.pk}"

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}:{self.session_version}"

    @cached_property
    def _roles_of_today(self) -> list["Membership"]:
        """One's own, and those of whom one stands in for: one question per request."""
        today = clock.today()
        away = self.substitutions.current(on=today).values("user")
        # A union: for an OR, PostgreSQL reads everybody who works here, for each page.
        whose = User.objects.filter(pk=self.pk).values("pk").union(away)
        held = Membership.objects.current(on=today).filter(user__in=whose)
        return list(held.select_related("unit", "user").order_by("valid_from", "pk"))

    @cached_property
    def current_memberships(self) -> list["Membership"]:
        return [m for m in self._roles_of_today if m.user_id == self.pk]

    @cached_property
    def stands_in_for(self) -> list["User"]:
        """Colleagues with a role who are away today, whose work this user does."""
        away = {m.user_id: m.user for m in self._roles_of_today if m.user_id != self.pk}
        for user in away.values():
            user.current_memberships = [m for m in self._roles_of_today if m.user_id == user.pk]
        return sorted(away.values(), key=lambda user: user.pk)

    def works_as(self, role: Role) -> list["User"]:
        """Whose work in this role is the user's today: one's own, and that of who is away."""
        if not self.has_role(role):
            return []
        return [self, *(user for user in self.stands_in_for if user.has_role(role))]

    def has_role(self, *roles: Role) -> bool:
        return any(membership.role in roles for membership in self.current_memberships)

    def managed_units(self) -> list[int]:
        return [m.unit_id for m in self.current_memberships if m.role == Role.UNIT_MANAGER]

    def role_in_words(self) -> str:
        """The role that goes into a signature, for example "Kontaktperson"."""
        return str(Role(self.current_memberships[0].role).label) if self.current_memberships else ""


class Unit(models.Model):
    class Kind(models.TextChoices):
        SOCIAL_SERVICES = "social_services", _("Socialtjänst")
        SUPPORT_TEAM = "support_team", _("Stödteam")

    name = models.CharField(_("namn"), max_length=100, unique=True)
    kind = models.CharField(_("slag"), max_length=20, choices=Kind)

    class Meta:
        verbose_name = _("enhet")
        verbose_name_plural = _("enheter")

    def __str__(self) -> str:
        return self.name


class Membership(Period):
    user = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("medarbetare"), related_name="memberships"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name=_("enhet"), related_name="memberships"
    )
    role = models.CharField(_("roll"), max_length=20, choices=Role)
    # Empty: given by hand. Else the provider's group gave it, and takes it away.
    from_group = models.CharField(_("från grupp"), max_length=200, blank=True, editable=False)

    class Meta(Period.Meta):
        verbose_name = _("roll")
        verbose_name_plural = _("roller")
        constraints = [
            # What a group gives and takes on one day ends on the day before: it is over at once.
            models.CheckConstraint(
                condition=Q(valid_until=None)
                | Q(valid_until__gte=F("valid_from"))
                | ~Q(from_group=""),
                name="membership_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "role", "valid_from", "from_group"],
                name="one_membership_per_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{Role(self.role).label} {self.valid_from}"
