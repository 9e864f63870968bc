from django.urls import path

from web import views

urlpatterns = [
    path("om-kakor/", views.cookies, name="cookies"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
    path("demo/komponenter/", views.components, name="demo_components"),
]
