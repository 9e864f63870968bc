"""The sheet's words. One template per language, in one of two layouts: on paper and on the web."""

import re
from base64 import b64encode

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from messaging.wording import in_use, variables
from messaging.wording.kinds import Kind, Medium
from staff.models import Municipality

# What both browsers and the PDF can show. Another kind of logo is left out.
LOGO_TYPES = {"image/png", "image/jpeg"}
STYLESHEET = settings.BASE_DIR / "static" / "css" / "sheet.css"


def template(language: str) -> str:
    return f"sheet/{language}.html"


def standalone(language: str, *, municipality: Municipality) -> str:
    """The whole document in one string: equal strings are the same version."""
    context = facts(language, municipality=municipality)
    layout = {"layout": "sheet/standalone.html", "css": STYLESHEET.read_text(encoding="utf-8")}
    return render_to_string(template(language), context | layout)


def fragment(language: str, *, municipality: Municipality) -> SafeString:
    """The words alone, with headings two steps down, to be shown inside a page."""
    context = facts(language, municipality=municipality) | {"layout": "sheet/fragment.html"}
    html = render_to_string(template(language), context)
    # Our own template, and autoescaped: only the level of its headings is changed.
    return mark_safe(re.sub(r"(</?h)([12])>", lambda m: f"{m[1]}{int(m[2]) + 2}>", html))  # noqa: S308


def facts(language: str, *, municipality: Municipality) -> dict[str, object]:
    sms = in_use.find(Kind.NEW_MESSAGE, Medium.SMS, language)
    names = variables.of_the_municipality(municipality, sms.language)
    return {
        "language": language,
        "municipality": municipality,
        "logo": _logo(municipality),
        "sms": variables.fill(sms.body, names),
    }


def _logo(municipality: Municipality) -> str:
    if municipality.logo_type not in LOGO_TYPES:
        return ""
    return f"data:{municipality.logo_type};base64,{b64encode(municipality.logo).decode()}"
