from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from messaging.sheet import document, pdf, published
from messaging.sheet.models import SheetText, SheetVersion
from messaging.wording import actions as wording
from messaging.wording import permissions
from messaging.wording.actions import Refused
from messaging.wording.models import Text
from staff.models import Municipality, User
from web import languages


def current(language: str = languages.SWEDISH, *, municipality: Municipality) -> SheetVersion:
    """The sheet as it reads today. Raises `pdf.CannotRender`.

    A new wording is rendered first, for a second or so: call it before a transaction.
    """
    text = published.find(language)
    html = document.standalone(text, municipality=municipality)
    known = SheetVersion.objects.filter(language=text.language, digest=_digest(html)).first()
    return known or _store(text.language, html, pdf.render(html))


def save_draft(*, draft: SheetText, seen_edits: int, by: User) -> SheetText:
    """Keep it, if it can be printed. Raises Refused, NotAllowed."""
    draw(draft, by=by)
    published.find(draft.language)  # what came with the product is the first version
    return wording.save_draft(draft=draft, seen_edits=seen_edits, by=by)


def submit(*, version: SheetText, by: User) -> None:
    """Drawn first: nobody approves what cannot be printed. Raises Refused, NotAllowed."""
    draw(version, by=by)
    wording.submit(version=version, by=by)


def publish(*, version: SheetText, by: User) -> SheetVersion:
    """Drawn first: a sheet that cannot be attached is never published. Raises Refused, NotAllowed.

    From the same transaction on, the words and their PDF are there.
    """
    html, rendered = draw(version, by=by)
    with transaction.atomic():
        wording.publish(version=version, by=by)
        return _store(version.language, html, rendered)


def draw(text: SheetText, *, by: User) -> tuple[str, bytes]:
    """The sheet as it would be, and is not yet. Raises Refused, with a sentence in Swedish."""
    if not permissions.may_write_texts(by):
        raise PermissionDenied
    if problems := text.problems():
        raise Refused(problems)
    html = document.standalone(text, municipality=Municipality.load())
    try:
        return html, pdf.render(html)
    except pdf.CannotRender as error:
        raise Refused({"body": [str(error)]}) from None


def require_room_for(sms: Text) -> None:
    """The sheets that quote this SMS must still be one page. Raises Refused."""
    municipality = Municipality.load()
    for language in published.available():
        if document.quoted(language.code).language != sms.language != language.code:
            continue
        html = document.standalone(
            published.find(language.code), municipality=municipality, sms=sms
        )
        try:
            pdf.render(html)
        except pdf.CannotRender as error:
            name = {"language": language.name, "why": error}
            problem = _("Informationsbladet citerar texten. %(language)s: %(why)s") % name
            raise Refused({"body": [problem]}) from None


@transaction.atomic
def _store(language: str, html: str, rendered: bytes) -> SheetVersion:
    # The municipality's row is the lock: no two wordings get the same number.
    Municipality.objects.select_for_update().get(pk=Municipality.load().pk)
    versions = SheetVersion.objects.filter(language=language)
    last = versions.aggregate(last=Max("version"))["last"] or 0
    sheet, _created = versions.get_or_create(
        language=language,
        digest=_digest(html),
        defaults={"version": last + 1, "html": html, "pdf": rendered},
    )
    return sheet


def _digest(html: str) -> str:
    return sha256(html.encode()).hexdigest()
