from django.urls import path

from onboarding.imports import views

urlpatterns = [
    path("import/", views.imports, name="imports"),
    path("import/exempel.csv", views.import_example, name="import_example"),
    path("import/<uuid:run_id>/", views.import_run, name="import_run"),
    path("import/<uuid:run_id>/kor/", views.proceed, name="proceed_import"),
    path("import/<uuid:run_id>/kasta/", views.discard, name="discard_import"),
    path("import/<uuid:run_id>/fel.csv", views.import_errors, name="import_errors"),
]
