from django.urls import path

from onboarding.views import (
    boxes,
    cases,
    details,
    log_review,
    managing_protected,
    person,
    protected,
    proving,
    readers,
    registering,
    relations,
    start,
    switch,
    welcome,
)

_PERSON = "personer/<uuid:person_id>"
_CASE = f"{_PERSON}/arenden/<int:case_id>"
_RELATION = f"{_PERSON}/relationer/<uuid:relation_id>"

_PROTECTED = "skyddade-personer/<uuid:person_id>"

urlpatterns = [
    path("loggranskning/", log_review.log_reviews, name="log_reviews"),
    path("loggranskning/<int:entry_id>/", log_review.review_look, name="review_look"),
    path("loggranskning/<int:entry_id>/alla/", log_review.review_readers, name="review_readers"),
    path("", start.start, name="start"),
    path("enhetens-personer/", start.unit_persons, name="unit_persons"),
    path("rutor/", boxes.boxes, name="boxes"),
    path("personer/lagg-till/", registering.add_person, name="add_person"),
    path("personer/nya/", registering.registrations, name="registrations"),
    path("personer/nya/<uuid:registration_id>/", registering.registration, name="registration"),
    path(f"{_PERSON}/", person.person, name="person"),
    path(f"{_PERSON}/personnummer/", person.reveal_number, name="reveal_number"),
    path(f"{_PERSON}/visa/<slug:what>/", person.reveal, name="reveal"),
    path(f"{_PERSON}/skydda/", protected.mark_protected, name="mark_protected"),
    path(f"{_PERSON}/be-om-beslut/", protected.ask_for_decision, name="ask_for_decision"),
    path("skyddade-personer/", managing_protected.protected_people, name="protected_people"),
    path(f"{_PROTECTED}/", managing_protected.protected_person, name="protected_person"),
    path(f"{_PROTECTED}/namnge/", managing_protected.name_workers, name="name_workers"),
    path(f"{_PROTECTED}/avsluta/", managing_protected.end_named_access, name="end_named_access"),
    path(f"{_PROTECTED}/beslut/", managing_protected.decide, name="decide"),
    path(f"{_PROTECTED}/beslut/angra/", managing_protected.undo_decision, name="undo_decision"),
    path(f"{_PROTECTED}/hav/", managing_protected.lift_protection, name="lift_protection"),
    path(f"{_PERSON}/historik/", person.person_history, name="history"),
    path(f"{_PERSON}/vem-har-last/", readers.person_readers, name="readers"),
    path(f"{_PERSON}/koppla-pa/", switch.switch_on, name="switch_on"),
    path(f"{_PERSON}/koppla-pa/angra/", switch.undo_switch_on, name="undo_switch_on"),
    path(f"{_PERSON}/stang-av/", switch.switch_off, name="switch_off"),
    path(f"{_PERSON}/valkomstmeddelande/", welcome.welcome_message, name="welcome"),
    path(f"{_PERSON}/valkomstmeddelande/stoppa/", welcome.stop_welcome, name="stop_welcome"),
    path(f"{_PERSON}/uppgifter/", details.change_details, name="change_details"),
    path(f"{_PERSON}/numret-stammer/", details.confirm_mobile, name="confirm_mobile"),
    path(f"{_PERSON}/test-sms/", proving.test_sms, name="test_sms"),
    path(f"{_PERSON}/test-sms/svar/", proving.answer_test_sms, name="answer_test_sms"),
    path(f"{_PERSON}/arenden/", cases.cases, name="cases"),
    path(f"{_PERSON}/arenden/nytt/", cases.add_case, name="add_case"),
    path(f"{_CASE}/andra/", cases.change_case, name="change_case"),
    path(f"{_CASE}/flytta/", cases.transfer_case, name="transfer_case"),
    path(f"{_CASE}/avsluta/", cases.close_case, name="close_case"),
    path(f"{_PERSON}/relationer/", relations.relations, name="relations"),
    path(f"{_PERSON}/relationer/lagg-till/", relations.add_relation, name="add_relation"),
    path(f"{_RELATION}/", relations.relation, name="relation"),
    path(f"{_RELATION}/stang/", relations.close_relation, name="close_relation"),
]
