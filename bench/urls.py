"""The product's addresses, and one page more: the floor that pages are measured beside."""

from django.urls import path

from bench.pages import static_page
from config.urls import urlpatterns as product

urlpatterns = [path("golv/", static_page), *product]
