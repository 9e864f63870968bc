from django.urls import path

from messaging.notices import views

urlpatterns = [
    path("utkorg/", views.outbox, name="outbox"),
    path("utkorg/<slug:slug>/", views.outbox_item, name="outbox_item"),
    path("utkorg/<slug:slug>/bilaga/", views.outbox_attachment, name="outbox_attachment"),
]
