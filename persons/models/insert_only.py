from typing import Any, NoReturn

from django.db import models


class InsertOnly(TypeError):
    """History is never rewritten."""


class InsertOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise InsertOnly

    def delete(self) -> NoReturn:
        raise InsertOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InsertOnly


class InsertOnlyModel(models.Model):
    """Rows are written once: no update and no delete, by any path through the ORM."""

    objects = InsertOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise InsertOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InsertOnly
