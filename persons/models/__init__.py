from persons.models.access_log import AccessLogEntry, AccessLogListed, AccessLogSeal
from persons.models.account import EServiceAccount, Wish
from persons.models.case import Case
from persons.models.emergency_access import EmergencyAccess
from persons.models.event import PersonEvent
from persons.models.log_review import LogReview, LogSample
from persons.models.person import Person
from persons.models.protection import (
    DecisionRequest,
    MarkingSource,
    NamedAccess,
    Protection,
    ProtectionDecision,
)
from persons.models.registration import Registration
from persons.models.switch import NIGHTS_BEFORE_SET_ASIDE, SET_ASIDE, NotAllowed, Switch

__all__ = [
    "NIGHTS_BEFORE_SET_ASIDE",
    "SET_ASIDE",
    "AccessLogEntry",
    "AccessLogListed",
    "AccessLogSeal",
    "Case",
    "DecisionRequest",
    "EServiceAccount",
    "EmergencyAccess",
    "LogReview",
    "LogSample",
    "MarkingSource",
    "NamedAccess",
    "NotAllowed",
    "Person",
    "PersonEvent",
    "Protection",
    "ProtectionDecision",
    "Registration",
    "Switch",
    "Wish",
]
