from django.urls import path

from messaging.municipality import views

urlpatterns = [
    path("installningar/kommunen/", views.municipality, name="municipality"),
    path("installningar/kommunen/prov.css", views.preview_colour, name="preview_colour"),
]
