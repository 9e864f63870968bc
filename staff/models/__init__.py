from staff.models.absence import Absence
from staff.models.group_mapping import GroupMapping
from staff.models.municipality import Municipality
from staff.models.period import Period, PeriodQuerySet
from staff.models.provider_session import ProviderSession
from staff.models.user import Membership, Role, Unit, User

__all__ = [
    "Absence",
    "GroupMapping",
    "Membership",
    "Municipality",
    "Period",
    "PeriodQuerySet",
    "ProviderSession",
    "Role",
    "Unit",
    "User",
]
