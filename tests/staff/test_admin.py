import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from messaging.notices.models import Notice
from messaging.notices.states import NoticeState
from messaging.sync.models import SyncRun
from persons.models import AccessLogEntry
from staff.models import GroupMapping, Membership, Role, Unit, User
from tests.factories import (
    GroupMappingFactory,
    MembershipFactory,
    NoticeFactory,
    SyncRunFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

INDEX = "/admin/"


def as_form(response) -> dict[str, str]:
    """What the browser would send back, unchanged."""
    data = {}
    formsets = [inline.formset for inline in response.context["inline_admin_formsets"]]
    forms = [response.context["adminform"].form]
    forms += [form for formset in formsets for form in [formset.management_form, *formset.forms]]
    for form in forms:
        for field in form:
            value = field.value()
            data[field.html_name] = "" if value is None else value
    return data


@pytest.fixture
def administrator(client):
    user = UserFactory(role=Role.SYSTEM_ADMIN)
    client.force_login(user)
    return user


class TestTypedText:
    def test_that_nobody_sees_is_refused_at_the_field_and_kept(self, client, administrator):
        response = client.post(
            reverse("admin:staff_unit_add"), {"name": "Stöd\u202eteamet", "kind": "social_services"}
        )

        form = response.context["adminform"].form
        assert form.errors == {
            "name": ["Tecken 5 i texten syns inte eller går inte att läsa. Ta bort det."]
        }
        assert form["name"].value() == "Stöd\u202eteamet"
        assert not Unit.objects.filter(name__startswith="Stöd").exists()


class TestAdminSite:
    def test_sends_whoever_is_not_signed_in_to_our_sign_in(self, client):
        response = client.get(INDEX, follow=True)

        assert response.redirect_chain[-1][0] == "/konto/logga-in/?next=/admin/"

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMIN])
    @pytest.mark.parametrize("address", [INDEX, "/admin/login/", "/admin/staff/user/"])
    def test_does_not_exist_for_other_roles(self, client, role, address):
        client.force_login(UserFactory(role=role))

        assert client.get(address).status_code == 404

    def test_does_not_exist_for_a_superuser_without_the_role(self, client):
        client.force_login(UserFactory(is_staff=True, is_superuser=True))

        assert client.get(INDEX).status_code == 404

    def test_opens_for_administrators(self, client, administrator):
        assert client.get(INDEX).status_code == 200
        assert client.get("/admin/login/").url == INDEX

    def test_signs_out_where_everybody_does(self, client, administrator):
        response = client.post("/admin/logout/", follow=True)

        assert response.redirect_chain[0] == ("/konto/logga-ut/", 307)
        assert client.get(INDEX).status_code == 302

    def test_leaves_out_what_nobody_uses(self):
        assert set(admin.site._registry) >= {User, Unit, Membership, SyncRun, Notice}
        assert Group not in admin.site._registry

    @pytest.mark.parametrize("model", list(admin.site._registry), ids=str)
    def test_shows_each_list_and_row_in_swedish_without_inline_code(
        self, client, administrator, model
    ):
        NoticeFactory()
        SyncRunFactory()
        GroupMappingFactory()
        name = f"admin:{model._meta.label_lower.replace('.', '_')}"
        addresses = [reverse(f"{name}_changelist")]
        if row := model.objects.first():
            addresses.append(reverse(f"{name}_change", args=[row.pk]))

        for address in addresses:
            page = client.get(address)

            assert page.status_code == 200
            content = page.content.decode()
            assert '<html lang="sv"' in content
            assert "<style" not in content
            assert " style=" not in content
            assert " onclick=" not in content


class TestUserAdmin:
    ADD = "/admin/staff/user/add/"

    def test_adds_someone_with_a_role_who_can_sign_in(self, client, administrator):
        unit = UnitFactory()
        form = as_form(client.get(self.ADD)) | {
            "first_name": "Sara",
            "last_name": "Ny",
            "email": "Sara.Ny@Soderkoping.example",
            "password1": "ett långt lösenord",
            "password2": "ett långt lösenord",
            "memberships-0-role": Role.CASE_WORKER,
            "memberships-0-unit": unit.pk,
        }

        assert client.post(self.ADD, form).status_code == 302

        sara = User.objects.get(email="sara.ny@soderkoping.example")
        assert sara.has_role(Role.CASE_WORKER)
        assert sara.current_memberships[0].unit == unit
        assert client.login(email=sara.email, password="ett långt lösenord")

    def test_adds_nobody_twice_with_capital_letters(self, client, administrator):
        UserFactory(email="sara.ny@soderkoping.example")
        form = as_form(client.get(self.ADD)) | {
            "email": "SARA.NY@soderkoping.example",
            "password1": "ett långt lösenord",
            "password2": "ett långt lösenord",
        }

        response = client.post(self.ADD, form)

        assert "email" in response.context["adminform"].form.errors

    def test_changes_someone_and_ends_a_role(self, client, administrator):
        erik = UserFactory(role=Role.CASE_WORKER)
        page = reverse("admin:staff_user_change", args=[erik.pk])
        form = as_form(client.get(page)) | {
            "first_name": "Erik",
            "memberships-0-valid_until": "2021-01-01",
            "is_active": "on",
        }

        assert client.post(page, form).status_code == 302

        erik = User.objects.get(pk=erik.pk)
        assert erik.first_name == "Erik"
        assert erik.current_memberships == []

    def test_sets_a_new_password(self, client, administrator):
        erik = UserFactory(email="erik.lind@soderkoping.example")
        page = reverse("admin:auth_user_password_change", args=[erik.pk])
        new = "ett annat lösenord"

        client.post(page, {"password1": new, "password2": new, "usable_password": "true"})

        assert client.login(email=erik.email, password=new)

    def test_lists_the_roles_of_today(self, client, administrator):
        erik = UserFactory()
        unit = UnitFactory(name="Stödteamet")
        MembershipFactory(user=erik, unit=unit, role=Role.SUPPORT_CONTACT)
        MembershipFactory(user=erik, unit=unit, role=Role.UNIT_MANAGER, valid_until="2021-01-01")

        page = client.get("/admin/staff/user/").content.decode()

        assert "Kontaktperson (Stödteamet)" in page
        assert "Enhetschef (Stödteamet)" not in page

    @pytest.mark.parametrize("model", [User, Membership])
    def test_deletes_nobody_because_the_log_names_them(self, client, administrator, model):
        row = model.objects.first()
        page = f"admin:{model._meta.label_lower.replace('.', '_')}_delete"

        assert client.post(reverse(page, args=[row.pk]), {"post": "yes"}).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()


class TestGroupMappingAdmin:
    ADD = "/admin/staff/groupmapping/add/"

    def test_says_what_a_group_stands_for(self, client, administrator):
        unit = UnitFactory()

        client.post(self.ADD, {"group": "SOC-Chef", "role": Role.UNIT_MANAGER, "unit": unit.pk})

        mapping = GroupMapping.objects.get(group="SOC-Chef")
        assert (mapping.role, mapping.unit) == (Role.UNIT_MANAGER, unit)

    def test_can_be_taken_away(self, client, administrator):
        mapping = GroupMappingFactory()

        client.post(f"/admin/staff/groupmapping/{mapping.pk}/delete/", {"post": "yes"})

        assert not GroupMapping.objects.exists()


class TestMembershipAdmin:
    def test_tells_what_a_group_gave_and_lets_nobody_say_so_by_hand(self, client, administrator):
        given = MembershipFactory(user=UserFactory(), role=Role.CASE_WORKER, from_group="SOC-Vuxen")
        page = reverse("admin:staff_membership_change", args=[given.pk])

        client.post(page, as_form(client.get(page)) | {"from_group": "SOC-Annan"})

        given.refresh_from_db()
        assert given.from_group == "SOC-Vuxen"
        assert "SOC-Vuxen" in client.get(page).content.decode()


class TestReadOnly:
    @pytest.mark.parametrize("factory", [NoticeFactory, SyncRunFactory])
    def test_can_be_seen_and_nothing_else(self, client, administrator, factory):
        row = factory()
        name = f"admin:{row._meta.label_lower.replace('.', '_')}"

        assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
        for page in (
            reverse(f"{name}_add"),
            reverse(f"{name}_change", args=[row.pk]),
            reverse(f"{name}_delete", args=[row.pk]),
        ):
            assert client.post(page, {"post": "yes"}).status_code == 403


class TestNoticeAdmin:
    def test_shows_neither_name_nor_address_nor_text(self, client, administrator):
        notice = NoticeFactory(person__given_name="Amina", text="Hemlig text")

        for page in ("changelist", "change"):
            args = [notice.pk] if page == "change" else []
            content = client.get(reverse(f"admin:notices_notice_{page}", args=args)).content
            words = content.decode()
            assert f"Person {notice.person_id}" in words
            assert "Amina" not in words
            assert notice.address not in words
            assert notice.text not in words
            assert str(notice.person.public_id) not in words

    def test_tells_what_became_of_it(self, client, administrator):
        notice = NoticeFactory()
        notice.move(NoticeState.SENDING, attempt=1)
        notice.move(NoticeState.UNDELIVERED, code="30003")

        page = client.get(reverse("admin:notices_notice_change", args=[notice.pk]))

        assert ": Skickas nu<br>" in page.content.decode()
        assert ": Nådde inte fram (30003)" in page.content.decode()

    def test_logs_a_look_at_one(self, client, administrator):
        notice = NoticeFactory()

        client.get(reverse("admin:notices_notice_change", args=[notice.pk]))

        entry = AccessLogEntry.objects.get()
        assert (entry.user, entry.person) == (administrator, notice.person)
        assert entry.role == Role.SYSTEM_ADMIN

    def test_logs_a_look_at_the_list_once_with_all_who_were_in_it(self, client, administrator):
        persons = {NoticeFactory().person_id, NoticeFactory().person_id}

        client.get(reverse("admin:notices_notice_changelist"))

        assert set(AccessLogEntry.objects.get().listed) == persons
