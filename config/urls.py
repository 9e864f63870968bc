from allauth.account.views import account_inactive, login, logout
from django.contrib import admin
from django.urls import include, path

from config import health

urlpatterns = [
    path("halsa/levande", health.alive, name="alive"),
    path("halsa/redo", health.ready, name="ready"),
    path("konto/logga-in/", login, name="account_login"),
    path("konto/logga-ut/", logout, name="account_logout"),
    path("konto/stangt/", account_inactive, name="account_inactive"),
    path("admin/", admin.site.urls),
    path("", include("web.urls")),
    path("", include("staff.urls")),
    path("", include("messaging.sheet.urls")),
    path("", include("messaging.municipality.urls")),
    path("", include("messaging.notices.urls")),
    path("", include("messaging.sync.urls")),
    path("", include("onboarding.urls")),
]
