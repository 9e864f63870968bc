from django.urls import path

from messaging.sheet import editing, views

urlpatterns = [
    path("informationsblad/", views.sheet, name="sheet"),
    path("informationsblad/<slug:language>/", views.sheet_in, name="sheet_in"),
    path("informationsblad/<slug:language>/<int:version>.pdf", views.sheet_pdf, name="sheet_pdf"),
    path("texter/blad/", editing.sheet_texts, name="sheet_texts"),
    path("texter/blad/<slug:language>/", editing.sheet_text, name="sheet_text"),
    path("texter/blad/<slug:language>/prov.pdf", editing.sheet_text_pdf, name="sheet_text_pdf"),
    path(
        "texter/blad/<int:version_id>/blir/<slug:to>/",
        editing.move_sheet_text,
        name="move_sheet_text",
    ),
]
