from django.urls import path

from messaging.editor import views

urlpatterns = [
    path("texter/", views.texts, name="texts"),
    path("texter/<int:text_id>/blir/<slug:to>/", views.move_text, name="move_text"),
    path("texter/<slug:kind>/<slug:medium>/<slug:language>/", views.text, name="text"),
]
