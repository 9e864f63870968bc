"""A small SMTP server with a memory: what it took, it took, whatever it answered.

`behaviour` is what becomes of the next message. It breaks the line where it says, so that one can
see what each break proves.
"""

import re
import socketserver
from contextlib import suppress

from tests.messaging.notices.serving import Serving

BEFORE_IT_IS_TAKEN = ("gone", "gone at data", "busy", "lost", "no")
AFTER_IT_IS_TAKEN = ("deaf", "cut", "parting")


class MailServer(Serving):
    # How long it waits for whoever says nothing.
    idle_seconds: float | None = None

    def __init__(self) -> None:
        super().__init__(Conversation)
        self.taken: list[bytes] = []
        self.behaviour, self.lines = "accept", 0

    @property
    def port(self) -> int:
        return self.socket.getsockname()[1]

    def mood(self) -> str:
        return self.behaviour

    def take(self, message: bytes) -> None:
        self.taken.append(message)

    @property
    def references(self) -> list[str]:
        return [reference(message) for message in self.taken]


def reference(message: bytes) -> str:
    found = re.search(rb"(?m)^Message-ID: <([0-9a-f-]+)@", message)
    return found[1].decode() if found else ""


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.connection.settimeout(self.server.idle_seconds)
        with suppress(OSError):  # the other side is gone
            self.server.lines += 1
            self.say("220 here")
            while line := self.rfile.readline():
                if not self.answer(line[:4].upper().strip().decode()):
                    return

    def answer(self, word: str) -> bool:
        """Whether the line holds."""
        if word == "EHLO":
            self.say("250-here\r\n250 PIPELINING")
        elif word == "MAIL":
            self.mood = self.server.mood()
            if self.mood == "gone":
                return False
            self.say("421 too many" if self.mood == "busy" else "250 OK")
            return self.mood != "busy"
        elif word == "DATA":
            return self.receive()
        else:
            self.say("221 bye" if word == "QUIT" else "250 OK")
        return word != "QUIT"

    def receive(self) -> bool:
        if self.mood == "gone at data":
            return False
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
            if not line:  # whoever spoke died in the middle
                return False
        if self.mood == "lost":
            return False
        if self.mood == "no":
            self.say("451 later")
            return True
        self.server.take(b"".join(lines))
        if self.mood == "deaf":
            self.server.let_go.wait(self.server.silence)
        if self.mood in {"deaf", "cut"}:
            return False
        self.say("250 taken")
        return self.mood != "parting"

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
