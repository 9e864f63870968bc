from django.urls import path

from staff import views

urlpatterns = [
    path("kommun/farg.css", views.colour, name="colour"),
    path("kommun/logotyp", views.logo, name="logo"),
]
