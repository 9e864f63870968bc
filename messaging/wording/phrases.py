"""What is said in one way or another about the person, so that a welcome is never untrue.

Only in languages whose words have been approved: in others a text does without these fields.
"""

from typing import NamedTuple

CHANNELS = "så får du veta"
HELPERS = "vem som kan hjälpa"
FIELDS = (CHANNELS, HELPERS)


class Phrases(NamedTuple):
    sms: str
    email: str
    both: str
    neither: str
    with_good_man: str
    without_good_man: str


IN_WORDS = {
    "sv": Phrases(
        sms="Du får ett sms när det har kommit något nytt. Där står bara att du har ett "
        "meddelande. Det står inte vad det handlar om.",
        email="Du får ett mejl när det har kommit något nytt. Där står bara att du har ett "
        "meddelande. Det står inte vad det handlar om.",
        both="Du får ett sms eller mejl när det har kommit något nytt. Där står bara att du har "
        "ett meddelande. Det står inte vad det handlar om.",
        neither="Du får inget sms eller mejl. Logga in då och då för att se om det har kommit "
        "något.",
        with_good_man="en närstående eller din gode man",
        without_good_man="en närstående",
    ),
    "sv-simple": Phrases(
        sms="Du får ett sms när det har kommit något nytt.",
        email="Du får ett mejl när det har kommit något nytt.",
        both="Du får ett sms eller mejl när det har kommit något nytt.",
        neither="Du får inget sms eller mejl. Logga in ibland och titta.",
        with_good_man="en vän, någon i familjen eller din gode man",
        without_good_man="en vän eller någon i familjen",
    ),
    "en": Phrases(
        sms="You get a text message when there is something new. It only says that you have a "
        "message. It does not say what it is about.",
        email="You get an email when there is something new. It only says that you have a "
        "message. It does not say what it is about.",
        both="You get a text message or an email when there is something new. It only says that "
        "you have a message. It does not say what it is about.",
        neither="You get no text message or email. Log in now and then to see if there is "
        "something new.",
        with_good_man="a family member, a friend or your legal guardian (god man)",
        without_good_man="a family member or a friend",
    ),
}


def fill(language: str, *, sms: bool, email: bool, has_good_man: bool) -> dict[str, str]:
    """The fields of `FIELDS` for one person. Empty for a language without phrases."""
    if (words := IN_WORDS.get(language)) is None:
        return {}
    told = {(True, True): words.both, (True, False): words.sms, (False, True): words.email}
    return {
        CHANNELS: told.get((sms, email), words.neither),
        HELPERS: words.without_good_man if has_good_man else words.with_good_man,
    }
