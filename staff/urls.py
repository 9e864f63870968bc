from django.urls import path

from staff import views

urlpatterns = [
    path("konto/session/", views.session, name="session"),
    path("kommun/farg.css", views.colour, name="colour"),
    path("kommun/logotyp", views.logo, name="logo"),
]
