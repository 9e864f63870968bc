from django.urls import path

from staff import settings_views, views

urlpatterns = [
    path("installningar/mina/", settings_views.my_settings, name="my_settings"),
    path("installningar/franvaro/", settings_views.absence_list, name="absences"),
    path(
        "installningar/franvaro/<int:absence_id>/avsluta/",
        settings_views.end_absence,
        name="end_absence",
    ),
    path("konto/session/", views.session, name="session"),
    path("kommun/farg.css", views.colour, name="colour"),
    path("kommun/logotyp", views.logo, name="logo"),
]
