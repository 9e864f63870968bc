"""Who works here, where and in which roles. Rows end, they are not deleted: the log names them."""

from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401  # they register what is unregistered below
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from staff import actions, permissions
from staff.http import UserRequest
from staff.models import Absence, GroupMapping, Membership, Unit, User
from web import clock
from web.read_only_admin import ReadOnlyAdmin

# What a person may do follows from memberships alone, and addresses are not verified.
# The provider is in the settings, and second factors are nobody else's to see.
admin.site.unregister([Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken])


class LowercaseEmail(forms.ModelForm):  # type: ignore[type-arg]
    """Sign-in compares in lower case."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class NewUserForm(LowercaseEmail, BaseUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email",)


class ChangeUserForm(LowercaseEmail, UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = (
            "first_name",
            "last_name",
            "phone",
            "email",
            "password",
            "is_active",
            "may_be_linked",
        )


class MembershipFields:
    """A role begins today unless something else is said, in a unit that there is."""

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest | None, **options: Any
    ) -> Any:
        if db_field.name == "valid_from":
            options["initial"] = clock.today
        field = super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(MembershipFields, admin.StackedInline):  # type: ignore[type-arg]
    """Stacked, because Django's tables have no labels for who listens to the page."""

    model = Membership
    fields = ("role", "unit", "valid_from", "valid_until", "from_group")
    readonly_fields = ("from_group",)
    extra = 1


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    form = ChangeUserForm
    add_form = NewUserForm
    add_form_template = None  # Django's speaks of a username
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("first_name", "last_name", "phone")}),
        (
            _("Inloggning"),
            {"fields": ("email", "password", "is_active", "may_be_linked", "last_login")},
        ),
    )
    add_fieldsets = (
        (None, {"fields": ("first_name", "last_name", "phone")}),
        (_("Inloggning"), {"fields": ("email", "password1", "password2")}),
    )
    readonly_fields = ("last_login",)
    list_display = ("__str__", "email", "roles", "is_active")
    list_filter = ("is_active", "memberships__role", "memberships__unit")
    search_fields = ("first_name", "last_name", "email")
    ordering = ("last_name", "first_name")
    filter_horizontal = ()
    actions = ("reset_second_factor",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships__unit")

    @admin.action(description=_("Återställ tvåstegsinloggning för valda medarbetare"))
    def reset_second_factor(self, request: UserRequest, users: models.QuerySet[User]) -> None:
        for user in users:
            actions.reset_second_factor(user=user, by=request.user)
            self.log_change(request, user, _("Återställde tvåstegsinloggningen."))
        self.message_user(
            request, _("De ställer in tvåstegsinloggning på nytt nästa gång de loggar in.")
        )

    @admin.display(description=_("roller i dag"))
    def roles(self, user: User) -> str:
        today = clock.today()
        current = (m for m in user.memberships.all() if m.is_current(on=today))
        return ", ".join(f"{m.get_role_display()} ({m.unit})" for m in current)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(Unit)
class UnitAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "kind")
    ordering = ("name",)


@admin.register(Membership)
class MembershipAdmin(MembershipFields, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "role", "unit", "valid_from", "valid_until", "from_group")
    readonly_fields = ("from_group",)
    list_filter = ("role", "unit")
    list_select_related = ("user", "unit")
    ordering = ("user__last_name", "user__first_name", "valid_from")


@admin.register(GroupMapping)
class GroupMappingAdmin(MembershipFields, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("group", "role", "unit")
    list_filter = ("role", "unit")
    list_select_related = ("unit",)
    ordering = ("group", "role")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.may_administer(request.user)


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "substitute", "valid_from", "valid_until")
    list_select_related = ("user", "substitute")
    ordering = ("-valid_from",)
