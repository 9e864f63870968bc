"""Where a person has chosen to be told that something has come."""

from messaging.notices.models import Channel
from persons.models import EServiceAccount


def chosen(account: EServiceAccount) -> dict[Channel, str]:
    addresses: dict[Channel, str] = {}
    if not account.person.may_be_notified:
        return addresses
    if account.notify_by_sms:
        addresses[Channel.SMS] = account.person.mobile_e164
    if account.notify_by_email:
        addresses[Channel.EMAIL] = account.person.email
    return addresses
