from staff.models.municipality import Municipality
from staff.models.user import Membership, Role, Unit, User

__all__ = ["Membership", "Municipality", "Role", "Unit", "User"]
