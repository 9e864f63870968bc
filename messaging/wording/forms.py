from typing import Any, Generic, TypeVar

from django import forms

from messaging.wording import difference
from messaging.wording.difference import Piece
from messaging.wording.states import VersionState
from messaging.wording.versions import Version
from web import languages
from web.forms import Form

V = TypeVar("V", bound=Version)


class VersionForm(Form, Generic[V]):
    """The words of a draft. A subclass has a field for each of the content that is written."""

    seen_edits = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, shown: V, seen_edits: int) -> None:
        super().__init__(data, initial={**shown.content, "seen_edits": seen_edits})
        self.shown = shown
        self.theirs: list[Piece] = []
        language = languages.named(shown.language)
        for name in shown.CONTENT:
            attrs = {"lang": language.code, "dir": language.direction}
            self.fields[name].widget.attrs.update(attrs)

    def typed(self) -> V:
        """As it stands in the form, whether or not it may be kept."""
        words = {name: self._words(name) for name in self.shown.CONTENT if name in self.fields}
        return type(self.shown)(**self.shown.key, **words)

    def is_in_use(self) -> bool:
        """Nothing has been changed in what is used now."""
        is_used = self.shown.state == VersionState.PUBLISHED
        return is_used and self.typed().content == self.shown.content

    def _words(self, name: str) -> str:
        return "\n".join(str(self[name].value() or "").strip().splitlines())

    def refuse(self, problems: dict[str, list[str]]) -> None:
        for name, sentences in problems.items():
            for sentence in sentences:
                self.add_error(name, sentence)

    def compare(self, there: V, *, seen_edits: int) -> None:
        """With what somebody else has saved: whoever saves again has seen it."""
        self.theirs = difference.between(there.in_words, self.typed().in_words)
        self.put(seen_edits=seen_edits)

    def put(self, **values: object) -> None:
        """In the place of what was sent."""
        self.data = dict(self.data.items()) | values
