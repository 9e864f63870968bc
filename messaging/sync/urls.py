from django.urls import path

from messaging.sync import views

urlpatterns = [
    path("synkning/", views.sync_status, name="sync_status"),
    path("synkning/kor/", views.run_sync, name="run_sync"),
    path("synkning/en/", views.sync_one, name="sync_one"),
    path("synkning/en/angra/", views.set_aside_again, name="set_aside_again"),
    path("synkning/stang/", views.allow_closings, name="allow_closings"),
    path("demo/klocka/", views.demo_clock, name="demo_clock"),
]
