from django.apps import AppConfig

from web import typed_text


class WebConfig(AppConfig):
    name = "web"

    def ready(self) -> None:
        typed_text.guard_every_field()
