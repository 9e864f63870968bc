from persons.models.access_log import AccessLogEntry
from persons.models.account import EServiceAccount, Wish
from persons.models.case import Case
from persons.models.event import PersonEvent
from persons.models.person import Person, Protection
from persons.models.switch import NotAllowed, Switch

__all__ = [
    "AccessLogEntry",
    "Case",
    "EServiceAccount",
    "NotAllowed",
    "Person",
    "PersonEvent",
    "Protection",
    "Switch",
    "Wish",
]
