"""The sheet's words in one of three layouts: on paper, on the web, and inside another page."""

import re
from base64 import b64encode
from functools import cache

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from messaging.sheet import content
from messaging.sheet.models import SheetText
from messaging.wording import in_use, variables
from messaging.wording.kinds import Kind, Medium
from messaging.wording.models import Text
from staff.models import Municipality
from web import languages

# What both browsers and the PDF can show. Another kind of logo is left out.
LOGO_TYPES = {"image/png", "image/jpeg"}
STYLESHEET = settings.BASE_DIR / "static" / "css" / "sheet.css"
# One, and several. In another language a text does without the field.
WEEKDAYS = {
    languages.SWEDISH: ("vardag", "vardagar"),
    languages.EASY_SWEDISH: ("vardag", "vardagar"),
    languages.ENGLISH: ("weekday", "weekdays"),
}


def standalone(text: SheetText, *, municipality: Municipality, sms: Text | None = None) -> str:
    """The whole document in one string: equal strings are the same version.

    It quotes the SMS that is sent, or `sms`, which might be.
    """
    css = STYLESHEET.read_text(encoding="utf-8")
    context = facts(text, municipality=municipality, sms=sms) | {"css": css}
    return render_to_string("sheet/standalone.html", context)


def fragment(text: SheetText, *, municipality: Municipality) -> SafeString:
    """The words alone, with headings two steps down, to be shown inside a page."""
    context = facts(text, municipality=municipality) | {"qr": ""}
    html = render_to_string("sheet/words.html", context)
    # Our own template, and autoescaped: only the level of its headings is changed.
    return mark_safe(re.sub(r"(</?h)([12])>", lambda m: f"{m[1]}{int(m[2]) + 2}>", html))  # noqa: S308


def facts(
    text: SheetText, *, municipality: Municipality, sms: Text | None = None
) -> dict[str, object]:
    address = public_address(text.language)
    return {
        "language": languages.named(text.language),
        "municipality": municipality,
        "logo": _logo(municipality),
        "title": content.title(text.body),
        "blocks": content.blocks(text.body, _values(text.language, municipality)),
        "sms": _quoted(sms or quoted(text.language), municipality),
        "qr": _qr(address),
        "address": address.partition("://")[2],
    }


def public_address(language: str) -> str:
    base: str = settings.PUBLIC_BASE_URL
    return base + reverse("sheet_in", args=[language])


def _values(language: str, municipality: Municipality) -> dict[str, str]:
    days = municipality.reply_days
    one, several = WEEKDAYS.get(language, ("", ""))
    values = {
        content.MUNICIPALITY: _name(language, municipality),
        content.WEBSITE: municipality.website,
        content.PHONE: municipality.switchboard,
        content.WEEKDAYS: f"{days} {one if days == 1 else several}".strip(),
    }
    if languages.named(language).direction == "ltr":
        return values
    # An address or a number keeps its own direction between Arabic words.
    return {name: value and f"\u2068{value}\u2069" for name, value in values.items()}


def _name(language: str, municipality: Municipality) -> str:
    """As the SMS that it quotes says it."""
    return variables.of_the_municipality(municipality, language)[variables.MUNICIPALITY]


def quoted(language: str) -> Text:
    """The SMS as it is sent in this language, or in Swedish where nobody has approved one."""
    return in_use.find(Kind.NEW_MESSAGE, Medium.SMS, language)


def _quoted(sms: Text, municipality: Municipality) -> str:
    return variables.fill(sms.body, variables.of_the_municipality(municipality, sms.language))


@cache
def _qr(address: str) -> str:
    """Drawn once for each language: the pages that show a sheet are made again at each key."""
    import segno

    uri: str = segno.make(address, error="m").png_data_uri(scale=8)
    return uri


def _logo(municipality: Municipality) -> str:
    if municipality.logo_type not in LOGO_TYPES:
        return ""
    return f"data:{municipality.logo_type};base64,{b64encode(municipality.logo).decode()}"
