from hashlib import sha256

from django.db import transaction
from django.db.models import Max

from messaging.sheet import document, pdf
from messaging.sheet.models import Language, SheetVersion
from staff.models import Municipality


def current(language: str = Language.SWEDISH, *, municipality: Municipality) -> SheetVersion:
    """The sheet as it reads today. Raises `pdf.CannotRender`.

    A new wording is rendered first, for a second or so: call it before a transaction.
    """
    html = document.standalone(language, municipality=municipality)
    digest = sha256(html.encode()).hexdigest()
    known = SheetVersion.objects.filter(language=language, digest=digest).first()
    return known or _store(language, digest, html, pdf.render(html), municipality)


@transaction.atomic
def _store(
    language: str, digest: str, html: str, rendered: bytes, municipality: Municipality
) -> SheetVersion:
    # The municipality's row is the lock: no two wordings get the same number.
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    versions = SheetVersion.objects.filter(language=language)
    last = versions.aggregate(last=Max("version"))["last"] or 0
    sheet, _created = versions.get_or_create(
        language=language,
        digest=digest,
        defaults={"version": last + 1, "html": html, "pdf": rendered},
    )
    return sheet
