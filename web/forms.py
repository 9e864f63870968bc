"""What our forms have in common: no browser bubbles, and words that belong to their fields."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.forms.boundfield import BoundField as DjangoBoundField
from django.forms.boundfield import BoundWidget
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _


class Error(NamedTuple):
    """One line in the error summary. Without a target it concerns the whole form."""

    target: str
    text: str


class Choice(NamedTuple):
    widget: BoundWidget
    revealed: "BoundField | None"


class BoundField(DjangoBoundField):
    """Adds what the templates in templates/components/ need to know about a field."""

    form: "Form"

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        classes = (widget or self.field.widget).attrs.get("class", "")
        built["class"] = f"ds-input {classes}".strip()
        if self.revealed:
            built["aria-controls"] = f"{self.auto_id}_reveal"
        return built

    @property
    def target(self) -> str:
        """The id that gets focus when someone follows an error to this field."""
        return f"{self.auto_id}_0" if self.use_fieldset else self.id_for_label

    @property
    def revealed(self) -> "BoundField | None":
        """The field that a ticked checkbox reveals."""
        return self._revealed_by(value=True)

    def choices(self) -> Iterator[Choice]:
        """Each radio button or checkbox, with the field that it reveals."""
        for widget in self.subwidgets:
            yield Choice(widget, self._revealed_by(value=widget.data["value"]))

    def _revealed_by(self, *, value: object) -> "BoundField | None":
        name = self.form.reveals.get((self.name, value))
        return self.form[name] if name else None  # type: ignore[return-value]


class Form(forms.Form):
    """Validates when it is sent, and never with the browser's own messages."""

    bound_field_class = BoundField
    use_required_attribute = False
    # (name of the field, chosen value) -> name of the field that the choice reveals.
    reveals: dict[tuple[str, object], str] = {}


class ModelForm(Form, forms.ModelForm):  # type: ignore[type-arg]
    pass


def error_list(form: forms.BaseForm) -> list[Error]:
    """Every error in the order of the fields, each with the id to go to."""
    errors = [Error("", str(text)) for text in form.non_field_errors()]
    for field in form.visible_fields():
        target = getattr(field, "target", field.id_for_label)
        errors += [Error(target, str(text)) for text in field.errors]
    return errors


class DateField(forms.DateField):
    """A day in a plain text field: 2026-11-23, 20261123, 23/11/2026 or 23 november 2026."""

    default_error_messages = {
        "required": _("Skriv ett datum, till exempel 2026-11-23."),
        "invalid": _("Datumet går inte att läsa. Skriv det så här: 2026-11-23."),
    }

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("Till exempel 2026-11-23"))
        options.setdefault(
            "widget",
            forms.DateInput(
                format="%Y-%m-%d", attrs={"class": "input--short", "autocomplete": "off"}
            ),
        )
        super().__init__(**options)

    def to_python(self, value: Any) -> date | None:
        return super().to_python(_numeric(value) if isinstance(value, str) else value)


def _numeric(text: str) -> str:
    """ "23 november 2026" as "2026-11-23"; anything else as it is."""
    match = re.fullmatch(r"(\d{1,2})\s+([^\W\d]+)\s+(\d{4})", text.strip())
    if not match:
        return text
    months = {str(name).casefold(): number for number, name in MONTHS.items()}
    day, name, year = match.groups()
    number = months.get(name.casefold())
    return f"{year}-{number:02}-{int(day):02}" if number else text
