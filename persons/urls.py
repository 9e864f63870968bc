from django.urls import path

from persons.views.search import search_person

urlpatterns = [
    path("sok/", search_person, name="search"),
]
