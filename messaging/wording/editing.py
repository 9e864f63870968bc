"""What the pages of a text have in common, whatever kind of text it is."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.http import Http404
from django.utils.translation import gettext as _

from messaging.wording import actions, difference, permissions
from messaging.wording.actions import Refused
from messaging.wording.difference import Piece
from messaging.wording.forms import VersionForm
from messaging.wording.states import OPEN, VersionState
from messaging.wording.versions import NotAllowed, Version
from staff.http import UserRequest
from staff.models import User
from web import languages
from web.languages import Language

V = TypeVar("V", bound=Version)
# So many are shown: the comparison of each with the one before it takes its time.
SHOWN = 20


@dataclass(frozen=True)
class Past(Generic[V]):
    version: V
    difference: list[Piece]


@dataclass(frozen=True)
class OneText(Generic[V]):
    """What there is of one text in one language."""

    begun: V  # what a first draft begins with
    used: V | None
    open: V | None

    @property
    def shown(self) -> V:
        """What one goes on writing from."""
        return self.open or self.used or self.begun

    @property
    def waiting(self) -> V | None:
        return self.open if self.open and self.open.state == VersionState.WAITING else None

    @property
    def seen_edits(self) -> int:
        return self.open.edits if self.open else 0

    @property
    def language(self) -> Language:
        return languages.named(self.begun.language)

    def is_behind(self, swedish: "OneText[V]") -> bool:
        return bool(self.used and swedish.used and self.used.is_behind(swedish.used))

    def difference(self) -> list[Piece]:
        """What would be new if what waits were published."""
        return _since(self.used, self.waiting) if self.waiting else []

    def history(self) -> list[Past[V]]:
        versions = self.begun.of_the_same_text().exclude(state__in=sorted(OPEN))
        by_whom = versions.select_related("written_by", "published_by")
        found = list(by_whom.order_by("-version")[:SHOWN])
        return [
            Past(version, _since(before, version))
            for version, before in zip_longest(found, found[1:])
        ]


def one_text(begun: V) -> OneText[V]:
    versions = begun.of_the_same_text()
    used, unpublished = versions.published().first(), versions.open().first()
    return OneText(begun=begun, used=used, open=unpublished)


def save(
    request: UserRequest, form: VersionForm[V], save_draft: Callable[..., V] = actions.save_draft
) -> bool:
    """Keep what was typed and ask a colleague, if that was pressed, or say in the form why not."""
    if form.is_in_use():
        form.add_error(None, _("Du har inte ändrat något. Det här är texten som gäller."))
        return False
    seen_edits = form.cleaned_data["seen_edits"] or 0
    said = _("Utkastet är sparat. Det gäller först när det är godkänt.")
    try:
        draft = save_draft(draft=form.typed(), seen_edits=seen_edits, by=request.user)
        if "ask" in request.POST:
            actions.submit(version=draft, by=request.user)
            said = _waits_for_a_colleague()
    except Refused as refused:
        form.refuse(refused.problems)
    except NotAllowed:
        now = one_text(form.shown)
        form.add_error(None, _is_waiting() if now.waiting else _saved_meanwhile())
        form.compare(now.shown, seen_edits=now.seen_edits)
    else:
        messages.success(request, said)
        return True
    return False


def move(
    request: UserRequest,
    version: Version,
    to: str,
    *,
    submit: Callable[..., object] = actions.submit,
    publish: Callable[..., object] = actions.publish,
) -> None:
    """To a colleague, back again, published, or an earlier version as a new draft."""
    moves: dict[str, tuple[Callable[..., object], str]] = {
        "vantar": (submit, _waits_for_a_colleague()),
        "utkast": (actions.take_back, _("Texten är ett utkast igen.")),
        "publicerad": (publish, _("Texten är publicerad. Den gäller från och med nu.")),
        "igen": (actions.restore, _("Den tidigare texten är nu ett utkast.")),
    }
    if to not in moves:
        raise Http404
    make, done = moves[to]
    try:
        make(version=version, by=request.user)
    except Refused as refused:
        for sentence in chain.from_iterable(refused.problems.values()):
            messages.error(request, sentence)
    except NotAllowed:
        messages.error(request, _("Texten har ändrats sedan du öppnade sidan. Läs den igen."))
    else:
        messages.success(request, done)


def may_publish(text: OneText[Any], by: User) -> bool:
    return text.waiting is not None and permissions.may_publish(by, text.waiting)


def require_writer(request: UserRequest) -> None:
    if not permissions.may_write_texts(request.user):
        raise Http404


def _since(old: Version | None, new: Version) -> list[Piece]:
    """The first of all is not new words from beginning to end: it is as it is."""
    return difference.between((old or new).in_words, new.in_words)


def _waits_for_a_colleague() -> str:
    return _("Texten väntar på att en kollega godkänner den.")


def _is_waiting() -> str:
    return _("Texten väntar nu på godkännande. Gör den till utkast igen för att ändra den.")


def _saved_meanwhile() -> str:
    return _(
        "Någon annan har ändrat texten sedan du öppnade sidan. Inget är sparat. "
        "Jämför här nedanför, och spara igen om din text ska gälla."
    )
