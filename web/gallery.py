"""What the page of components shows: every piece in every state, with invented people."""

from django import forms
from django.core.paginator import Paginator
from django.utils.html import format_html

from web.forms import DateField, Form

_SMS = (
    "Du har ett nytt meddelande från Söderköpings kommun. Det finns i e-tjänsten Meddelanden "
    "när du loggar in. Det går inte att svara på detta sms."
)
_EMAIL = (
    "Hej!\n\nDu har ett nytt meddelande från Söderköpings kommun. "
    "Det finns i e-tjänsten Meddelanden.\n\n"
    "Det finns ingen länk i det här mejlet. Det är för din säkerhet.\n\n"
    "Hälsningar\nSöderköpings kommun"
)
_SWITCHED_ON = format_html(
    "<strong>{}</strong> {} <a href='#'>{}</a>",
    "E-tjänsten är påkopplad för Amina Exempel.",
    "Den kan användas från och med i morgon, tisdag 24 november.",
    "Skriv välkomstmeddelande",
)


class ExampleForm(Form):
    answer = forms.ChoiceField(
        label="Vill personen använda e-tjänsten?",
        choices=[
            ("yes", "Ja"),
            ("no", "Nej, inte nu"),
            ("no_eid", "Personen saknar e-legitimation"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Välj om personen vill använda e-tjänsten."},
    )
    said_yes_on = DateField(label="Personen sa ja den", required=False)
    sms = forms.BooleanField(
        label="Notifiering via SMS",
        help_text="Personen får ett sms när det finns något nytt.",
        required=False,
    )
    mobile = forms.CharField(
        label="Telefon mobil",
        help_text="Till exempel 070-174 06 05",
        widget=forms.TextInput(
            attrs={
                "type": "tel",
                "inputmode": "tel",
                "autocomplete": "off",
                "class": "input--short",
            }
        ),
        error_messages={"required": "Skriv mobilnumret, till exempel 070-174 06 05."},
    )
    email = forms.EmailField(
        label="E-postadress",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "E-postadressen saknar @. Skriv den så här: namn@exempel.se."},
    )
    needs = forms.MultipleChoiceField(
        label="Vad behöver personen hjälp med?",
        help_text="Välj allt som stämmer.",
        choices=[("read", "Läsa"), ("write", "Skriva"), ("sign_in", "Logga in")],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Välj minst en sak."},
    )
    language = forms.ChoiceField(
        label="Språk i meddelanden",
        choices=[("sv", "Svenska"), ("ar", "Arabiska"), ("so", "Somaliska")],
        error_messages={"required": "Välj språk."},
    )
    text = forms.CharField(
        label="Meddelande",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Skriv meddelandet."},
    )
    reveals = {("answer", "yes"): "said_yes_on", ("sms", True): "mobile"}


def context() -> dict[str, object]:
    return {
        "empty_form": ExampleForm(prefix="empty", initial={"answer": "yes", "sms": True}),
        "form": ExampleForm({"said_yes_on": "i går", "sms": "on", "email": "amina.exempel.se"}),
        "tags": _TAGS,
        "tasks": _TASKS,
        "next_day": _NEXT_DAY,
        "rows": _ROWS,
        "badges": [
            {"label": "Tolk: arabiska", "tone": "badge"},
            {"label": "God man", "tone": "badge"},
        ],
        "more": [{"label": "Pausa e-tjänsten", "url": "#"}, {"label": "Byt ansvarig", "url": "#"}],
        "pages": _PAGES,
        "views": _VIEWS,
        "sms_text": _SMS,
        "email_text": _EMAIL,
        "notices": [
            (_SWITCHED_ON, "success"),
            ("Sms:et är på väg.", "info"),
            ("Numret finns redan på en annan person.", "warning"),
            ("Ärendet har ändrats. Läs igenom det och försök igen.", "error"),
        ],
        "page": Paginator(range(60), 20).page(2),
    }


_TAGS = [
    ("Inte påbörjad", "todo"),
    ("Pågår", "active"),
    ("Väntar", "waiting"),
    ("Åtgärda", "fix"),
    ("Försenad", "late"),
    ("Pausad", "ended"),
    ("Skyddad", "protected"),
    ("God man", "badge"),
    ("Klar", "plain"),
    ("Kan inte göras än", "muted"),
]

_TASKS = [
    {
        "title": "Koppla på e-tjänsten",
        "url": "#",
        "hint": "Görs av handläggaren. Annars av kontaktpersonen när insatsen startar.",
        "status": "Inte påbörjad",
        "tone": "todo",
        "waits": [{"text": "Synkas på natten", "state": "next", "state_label": "Väntar på steg 1"}],
    },
    {
        "title": "Skicka välkomstmeddelande",
        "hint": "Går att skriva när e-tjänsten är påkopplad.",
        "status": "Kan inte göras än",
        "tone": "muted",
        "waits": [
            {"text": "Meddelandet levereras", "state": "next", "state_label": "Senare"},
            {"text": "Personen loggar in första gången", "state": "next", "state_label": "Senare"},
        ],
    },
    {
        "title": "Fråga om relationer",
        "url": "#",
        "hint": "Frivilligt. Går att aktivera när en utredning har inletts.",
        "status": "Inte påbörjad",
        "tone": "todo",
    },
]

_NEXT_DAY = [
    {
        "title": "Koppla på e-tjänsten",
        "url": "#",
        "hint": "Karin Ek, 23 november kl. 10.42",
        "status": "Klar",
        "tone": "plain",
        "waits": [
            {
                "text": "Synkad 24 november kl. 03.12. Kan användas.",
                "state": "done",
                "state_label": "Klart",
            }
        ],
    },
    {
        "title": "Skicka välkomstmeddelande",
        "url": "#",
        "hint": "Rätta numret och skicka igen.",
        "status": "Åtgärda",
        "tone": "fix",
        "waits": [
            {"text": "Meddelandet finns i inkorgen", "state": "done", "state_label": "Klart"},
            {
                "text": "Sms:et nådde inte fram 24 november kl. 09.01",
                "state": "failed",
                "state_label": "Nådde inte fram",
            },
            {
                "text": "Väntar på första inloggning. Du påminns 1 december.",
                "state": "waiting",
                "state_label": "Väntar",
            },
        ],
    },
]

_ROWS = [
    {"label": "Meddelande", "value": "På sedan 23 november"},
    {
        "label": "Telefon mobil",
        "value": "070-174 06 05",
        "note": "Testat 23 november",
        "url": "#",
        "action_for": "mobilnumret för Amina Exempel",
    },
    {
        "label": "E-postadress",
        "value": "Saknas",
        "url": "#",
        "action": "Lägg till",
        "action_for": "e-postadress för Amina Exempel",
    },
]

_PAGES = [
    {"label": "Kom igång (0 av 4)", "url": "#", "current": True},
    {"label": "Kontaktvägar", "url": "#", "current": False},
    {"label": "Relationer (1)", "url": "#", "current": False},
    {"label": "Historik", "url": "#", "current": False},
]

_VIEWS = [
    {"label": "Att göra", "url": "#", "count": 15, "count_label": "personer", "current": True},
    {"label": "Försenade", "url": "#", "count": 3, "count_label": "personer", "current": False},
    {"label": "Väntar", "url": "#", "count": 4, "count_label": "personer", "current": False},
    {"label": "Alla", "url": "#", "count": 67, "count_label": "personer", "current": False},
]
