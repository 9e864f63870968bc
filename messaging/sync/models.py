from django.db import models


class BeatTick(models.Model):
    """When beat last reached a worker: one row, in real time."""

    at = models.DateTimeField()
