"""E-mail said to a server word by word, and never twice the same work.

Until the server has asked for the message, nothing has left, and a broken line is proof of that.
What is the same in thousands of e-mails, the sheet among it, is made ready once.
"""

import re
from collections.abc import Callable
from smtplib import SMTP
from typing import Any, ClassVar

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

from messaging.notices.models import Notice
from messaging.notices.sms.base import Misconfigured, NotTaken, Unavailable, Unknown, WrongAddress

PERMANENT = range(550, 555)
GOES_AWAY = 421
NOT_REACHED = "not_reached"
PLAIN = re.compile(r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9.-]+")


def hand_over(server: SMTP, sender: str, to: str, content: bytes) -> None:
    """Raises NotTaken, WrongAddress or Unknown."""
    try:
        _announce(server, sender, to)
    except OSError as error:  # the line broke, or nobody answers
        raise Unavailable(NOT_REACHED) from error
    try:
        server.send(content)
        code, _words = server.getreply()
    except OSError as error:
        raise Unknown from error
    if code != 250:
        raise NotTaken


def _announce(server: SMTP, sender: str, to: str) -> None:
    server.ehlo_or_helo_if_needed()
    mail, rcpt, data = _ask(server, f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA")
    if mail != 250:
        raise (Misconfigured if mail in PERMANENT else Unavailable)("sender")
    if rcpt not in {250, 251}:
        raise WrongAddress(str(rcpt)) if rcpt in PERMANENT else NotTaken
    if data != 354:
        raise NotTaken


def _ask(server: SMTP, *commands: str) -> list[int]:
    """The codes of the answers. All at once where the server can, or up to the first no."""
    if server.has_extn("pipelining"):
        server.send("".join(f"{command}\r\n" for command in commands))
        codes = [server.getreply()[0] for _ in commands]
    else:
        codes = []
        for command in commands:
            if not codes or codes[-1] < 400:
                codes.append(server.docmd(command)[0])
    if GOES_AWAY in codes:
        raise Unavailable(NOT_REACHED)
    return codes + [0] * (len(commands) - len(codes))


class Prepared:
    """The bytes of each e-mail: what is its own, and then what it shares with others."""

    OWN: ClassVar = ("To", "Date", "Message-ID")
    AT_MOST = 20  # wordings, of a hundred kilobytes each

    def __init__(self, compose: Callable[[Notice], EmailMultiAlternatives]) -> None:
        self._compose = compose
        self._shared: dict[tuple[object, ...], bytes] = {}

    def content(self, notice: Notice, own: dict[str, str]) -> bytes:
        """Ready for the line: with its end, and no other line that looks like it."""
        words = (notice.sender, notice.subject, notice.text, notice.html, notice.sheet_id)
        if words not in self._shared:
            if len(self._shared) >= self.AT_MOST:
                self._shared.clear()
            self._shared[words] = self._make(notice)
        head = "".join(f"{name}: {own[name]}\r\n" for name in self.OWN)
        return head.encode("ascii") + self._shared[words]

    def _make(self, notice: Notice) -> bytes:
        message: Any = self._compose(notice).message()
        for name in self.OWN:
            del message[name]
        content = re.sub(rb"(?m)^\.", b"..", message.as_bytes(linesep="\r\n"))
        return content.rstrip(b"\r\n") + b"\r\n.\r\n"


def address(address: str) -> str:
    """As it stands in a header and in a command. Most are plain, and parsing them takes long."""
    return address if PLAIN.fullmatch(address) else sanitize_address(address, "utf-8")
