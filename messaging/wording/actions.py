"""What can be done with a version of a text, whatever kind of text it is."""

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from messaging.wording import permissions
from messaging.wording.states import VersionState
from messaging.wording.versions import NotAllowed, Version, VersionEvent
from staff.models import User
from web import clock

V = TypeVar("V", bound=Version)


class Refused(Exception):
    """The words may not be kept. Says in Swedish why, for each field."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__("refused")  # the sentences quote the words
        self.problems = problems


@transaction.atomic
def save_draft(*, draft: V, seen_edits: int, by: User) -> V:
    """Keep the words of `draft`: in the open draft of that text, or in a new one.

    `seen_edits` is how many times it had been saved when it was read, 0 when there was none.
    Raises Refused, or NotAllowed when somebody else wrote meanwhile or it waits for approval.
    """
    _require_writer(by)
    _refuse_problems(draft)
    there = draft.of_the_same_text().open().first()
    if there is None:
        return _begin(draft, seen_edits=seen_edits, by=by)
    if there.content == draft.content:
        return there
    if there.state != VersionState.DRAFT:
        raise NotAllowed(f"{there} waits for approval")
    seen = there.of_the_same_text().filter(pk=there.pk, state=VersionState.DRAFT, edits=seen_edits)
    written = {"written_by": by, "written_at": clock.now(), "edits": seen_edits + 1}
    if not seen.update(**draft.content, **written):
        raise NotAllowed(f"{there} was changed by someone else")
    there.writers.add(by)
    there.refresh_from_db()
    return there


def _begin(draft: V, *, seen_edits: int, by: User) -> V:
    if seen_edits:
        raise NotAllowed(f"the draft after {draft} has been published")
    new = type(draft)(
        **draft.key,
        **draft.content,
        version=draft.next_number(),
        written_by=by,
        written_at=clock.now(),
    )
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError:  # two began at the same second
        raise NotAllowed(f"{new} was begun by someone else") from None
    new.writers.add(by)
    VersionEvent.objects.create(what=str(new), by=by, to_state=VersionState.DRAFT)
    return new


def submit(*, version: Version, by: User) -> None:
    """Ask a colleague to approve it."""
    _require_writer(by)
    _refuse_problems(version)
    version.move(VersionState.WAITING, by=by)


def take_back(*, version: Version, by: User) -> None:
    """To be written on again, whether its writer or the colleague says so."""
    _require_writer(by)
    version.move(VersionState.DRAFT, by=by)


@transaction.atomic
def publish(*, version: Version, by: User) -> None:
    """From now on these are the words. Those of before are kept, and no longer used.

    Raises PermissionDenied for who has written in it, Refused, or NotAllowed.
    """
    if not permissions.may_publish(by, version):
        _require_writer(by)
        if version.state == VersionState.WAITING:
            raise PermissionDenied
    _refuse_problems(version)
    # One after the other: of each text one version at most is published.
    for old in version.of_the_same_text().published():
        old.move(VersionState.ARCHIVED, by=by)
    version.move(VersionState.PUBLISHED, by=by, published_by=by, published_at=clock.now())


def restore(*, version: V, by: User) -> V:
    """A new draft with the words of an earlier version. Raises NotAllowed if there is a draft."""
    if version.of_the_same_text().open().exists():
        raise NotAllowed(f"there is a draft after {version}")
    return save_draft(draft=version, seen_edits=0, by=by)


def _require_writer(by: User) -> None:
    if not permissions.may_write_texts(by):
        raise PermissionDenied


def _refuse_problems(version: Version) -> None:
    if problems := version.problems():
        raise Refused(problems)
