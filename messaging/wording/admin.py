from django.contrib import admin

from messaging.wording.models import RevealingWord


@admin.register(RevealingWord)
class RevealingWordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Besides the words that are built in. Texts are checked against both at once."""

    list_display = ("word", "better", "is_whole")
    ordering = ("word",)
