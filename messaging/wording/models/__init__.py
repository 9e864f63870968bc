"""The texts that the product says to people, by kind, medium and language."""

from messaging.wording.models.revealing_word import RevealingWord
from messaging.wording.models.text import Text
from messaging.wording.versions import VersionEvent

__all__ = ["RevealingWord", "Text", "VersionEvent"]
