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

    def bulk_create(self, *args: Any, update_conflicts: bool = False, **kwargs: Any) -> Any:
        if update_conflicts:
            raise InsertOnly
        return super().bulk_create(*args, **kwargs)


class InsertOnlyModel(models.Model):
    """Rows are written once: no update and no delete, by any path through the ORM."""

    objects = InsertOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding or kwargs.pop("force_update", False):
            raise InsertOnly
        # By force: else a row with the key of another is written over it.
        super().save(*args, **kwargs | {"force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InsertOnly
