"""A text with versions: a draft, then waiting for a colleague's yes, published, and archived."""

from typing import Any, ClassVar, Self, TypeVar

from django.db import models, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from messaging.wording.states import OPEN, TRANSITIONS, VersionState
from persons.models.insert_only import InsertOnlyModel
from staff.models import User
from web import clock, languages


class NotAllowed(Exception):
    """The move is not in the table, or somebody else was faster."""


V = TypeVar("V", bound="Version")


class VersionQuerySet(models.QuerySet[V]):
    def open(self) -> Self:
        """What is still being worked on."""
        return self.filter(state__in=sorted(OPEN))

    def published(self) -> Self:
        return self.filter(state=VersionState.PUBLISHED)


class Version(models.Model):
    """One wording of one text. A subclass says what tells texts apart, and what the words are."""

    KEY: ClassVar[tuple[str, ...]]
    CONTENT: ClassVar[tuple[str, ...]]

    language = models.CharField(_("språk"), max_length=10, choices=languages.CHOICES)
    version = models.PositiveIntegerField(_("version"), editable=False)
    state = models.CharField(
        _("läge"), max_length=20, choices=VersionState, default=VersionState.DRAFT, editable=False
    )
    # How many times the draft has been saved: whoever saves says which one they have seen.
    edits = models.PositiveIntegerField(default=1, editable=False)
    # None of them may publish it. Nobody: it came with the product.
    writers = models.ManyToManyField(User, related_name="+", editable=False)
    written_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("skrev")
    )
    written_at = models.DateTimeField(_("skriven"), default=clock.now, editable=False)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False,
        verbose_name=_("godkände"),
    )  # fmt: skip
    published_at = models.DateTimeField(_("publicerad"), null=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        key = " ".join(str(value) for value in self.key.values())
        return f"{type(self).__name__} {key} {self.version}"

    @property
    def key(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.KEY}

    @property
    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.CONTENT}

    def is_behind(self, swedish: Self) -> bool:
        """Of two that are used: somebody has changed the Swedish words since."""
        # What came with the product is stored when it is first asked for: its time says nothing.
        if swedish.published_by_id is None or not (self.published_at and swedish.published_at):
            return False
        return swedish.published_at > self.published_at

    @property
    def in_words(self) -> str:
        """All of it, to be compared."""
        return "\n\n".join(str(words) for words in self.content.values() if words)

    def of_the_same_text(self) -> VersionQuerySet[Self]:
        return VersionQuerySet(type(self)).filter(**self.key)

    def next_number(self) -> int:
        last: int = self.of_the_same_text().aggregate(last=Max("version"))["last"] or 0
        return last + 1

    def deliver(self) -> Self:
        """These words, which came with the product, as the published ones where there are none.

        Found by their state: a draft may have been begun before them.
        """
        came = self.content | {"version": self.next_number(), "published_at": clock.now()}
        published = self.of_the_same_text()
        text, _new = published.get_or_create(
            **self.key, state=VersionState.PUBLISHED, defaults=came
        )
        return text

    def problems(self) -> dict[str, list[str]]:
        """What must be mended before it may be kept: sentences for each field of the content."""
        return {}

    @transaction.atomic
    def move(self, to: VersionState, *, by: User, **facts: Any) -> None:
        """Change state with one event. Raises NotAllowed when somebody else was faster."""
        old = VersionState(self.state)
        if to not in TRANSITIONS.get(old, set()):
            raise NotAllowed(f"{self} cannot go from {old} to {to}")
        # The filter is the lock: nobody approves words that were changed meanwhile.
        ours = self.of_the_same_text().filter(pk=self.pk, state=old, edits=self.edits)
        if not ours.update(state=to, **facts):
            raise NotAllowed(f"{self} was changed by someone else")
        VersionEvent.objects.create(what=str(self), by=by, from_state=old, to_state=to)
        self.refresh_from_db()


def constraints(name: str, *key: str) -> list[models.BaseConstraint]:
    """For the Meta of a subclass."""
    return [
        models.UniqueConstraint(fields=[*key, "version"], name=f"one_{name}_per_number"),
        models.UniqueConstraint(
            fields=key, condition=Q(state=VersionState.PUBLISHED), name=f"one_published_{name}"
        ),
        models.UniqueConstraint(
            fields=key, condition=Q(state__in=sorted(OPEN)), name=f"one_open_{name}"
        ),
    ]


class VersionEvent(InsertOnlyModel):
    """Who did what to which version of which text."""

    what = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    from_state = models.CharField(max_length=20, choices=VersionState, blank=True)
    to_state = models.CharField(max_length=20, choices=VersionState)

    class Meta(InsertOnlyModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"VersionEvent {self.pk}"
