from allauth.account.views import account_inactive, login, logout, reauthenticate
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.webauthn.views import reauthenticate_webauthn
from django.contrib import admin
from django.urls import include, path

from config import health
from staff import provider, views

handler400 = "web.errors.bad_request"

urlpatterns = [
    path("halsa/levande", health.alive, name="alive"),
    path("halsa/redo", health.ready, name="ready"),
    path("konto/logga-in/", login, name="account_login"),
    path("konto/logga-ut/", logout, name="account_logout"),
    path("konto/stangt/", account_inactive, name="account_inactive"),
    path("konto/kommunen/", provider.sign_in, name="oidc_sign_in"),
    path("konto/kommunen/svar/", provider.answer, name="oidc_answer"),
    path("konto/kommunen/utloggad/", provider.signed_out, name="oidc_signed_out"),
    path("konto/losenord/", reauthenticate, name="account_reauthenticate"),
    path("konto/tva-steg/", mfa.index, name="mfa_index"),
    path("konto/tva-steg/logga-in/", mfa.authenticate, name="mfa_authenticate"),
    path("konto/tva-steg/kod/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("konto/tva-steg/app/", views.activate_totp, name="mfa_activate_totp"),
    path("konto/tva-steg/ny-nyckel/", views.add_webauthn, name="mfa_add_webauthn"),
    path("konto/tva-steg/nyckel/", reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path(
        "konto/tva-steg/reservkoder/",
        recovery_codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "konto/tva-steg/nya-reservkoder/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("admin/", admin.site.urls),
    path("", include("web.urls")),
    path("", include("staff.urls")),
    path("", include("persons.urls")),
    path("", include("messaging.sheet.urls")),
    path("", include("messaging.editor.urls")),
    path("", include("messaging.municipality.urls")),
    path("", include("messaging.notices.urls")),
    path("", include("messaging.sync.urls")),
    path("", include("messaging.operations.urls")),
    path("", include("onboarding.imports.urls")),
    path("", include("onboarding.urls")),
]
