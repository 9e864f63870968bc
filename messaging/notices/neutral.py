"""The last look before something leaves the house: does it tell what it is about, or whom?"""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from pathlib import PurePath

from django.utils.html import strip_tags

from messaging.notices.models import Notice
from messaging.wording import revealing, variables
from messaging.wording.revealing import Lookout


def reveals(notice: Notice, known: Lookout) -> bool:
    """`known` is for many notices at once: the office does not change from one to the next."""
    person = revealing.names((notice.person.given_name, notice.person.family_name))
    return any(_reveals(part, known) or person & _words(part) for part in _parts(notice))


# Thousands are sent the same words.
@lru_cache(maxsize=64)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


@lru_cache(maxsize=64)
def _as_read(html: str) -> str:
    return unescape(strip_tags(html))


@lru_cache(maxsize=64)
def _reveals(text: str, known: Lookout) -> bool:
    return bool(variables.unfilled(text) or revealing.findings(text, known))


def _parts(notice: Notice) -> Iterator[str]:
    yield from (notice.sender, notice.subject, notice.text, _as_read(notice.html))
    if notice.sheet:
        # Without its ending, which looks like that of an address.
        yield PurePath(notice.sheet.FILENAME).stem.replace("-", " ")
