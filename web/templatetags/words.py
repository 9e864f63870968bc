from datetime import date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from web import dates

register = template.Library()


@register.filter
def day(value: date) -> SafeString:
    """<time datetime="2026-11-24">i morgon, tisdag 24 november</time>"""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), dates.in_words(value))


@register.filter
def moment(value: datetime) -> SafeString:
    """<time datetime="…">24 november kl. 09.01</time>"""
    words = dates.moment_in_words(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)


@register.filter
def second(value: datetime) -> SafeString:
    """As `moment`, to the second: 24 november kl. 09.01.07"""
    words = dates.moment_in_words(value, time="H.i.s")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)
