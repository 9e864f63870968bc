from django.urls import path

from messaging.sheet import views

urlpatterns = [
    path("informationsblad/", views.sheet, name="sheet"),
    path("informationsblad/<slug:language>/<int:version>.pdf", views.sheet_pdf, name="sheet_pdf"),
]
