from django.urls import path

from persons.views import emergency
from persons.views.search import search_person

urlpatterns = [
    path("sok/", search_person, name="search"),
    path("oppna-utan-uppdrag/", emergency.open_without_assignment, name="open_without_assignment"),
    path("oppnade-utan-uppdrag/", emergency.emergency_reviews, name="emergency_reviews"),
    path(
        "oppnade-utan-uppdrag/<int:opening_id>/",
        emergency.review_emergency,
        name="review_emergency",
    ),
]
