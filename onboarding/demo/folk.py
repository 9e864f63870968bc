from dataclasses import dataclass

from messaging.sheet.models import SheetVersion
from staff.models import User


@dataclass
class Folk:
    """What every situation needs: who works here, and the sheet."""

    staff: dict[str, User]
    sheet: SheetVersion
