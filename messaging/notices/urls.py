from django.urls import path

from messaging.notices import callbacks, views

urlpatterns = [
    path(
        "aterkoppling/sms/<slug:gateway>/<uuid:ref>/", callbacks.sms_callback, name="sms_callback"
    ),
    path("aterkoppling/mejl/<slug:provider>/", callbacks.email_callback, name="email_callback"),
    path("utkorg/", views.outbox, name="outbox"),
    path("utkorg/<slug:slug>/", views.outbox_item, name="outbox_item"),
    path("utkorg/<slug:slug>/bilaga/", views.outbox_attachment, name="outbox_attachment"),
]
