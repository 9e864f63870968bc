from django.urls import path

from messaging.operations import views

urlpatterns = [
    path("drift/", views.operations, name="operations"),
    path("drift/forsok-igen/", views.try_gateway_again, name="try_gateway_again"),
    path("halsa/matt", views.figures_as_text, name="figures_as_text"),
]
