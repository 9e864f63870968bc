"""A small SMS provider on this machine, with a memory: what it took, it took, whatever it answered.

It speaks as 46elks does, or as Twilio. `behaviour` is how it answers; `lag` hides what it took from
so many look-ups. The list `taken` is the truth that tests compare with.
"""

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.messaging.notices.serving import Serving
from web import clock

# How it behaves, and how it refuses when it does.
Mood = tuple[str, tuple[int, str | int]]


@dataclass
class Taken:
    id: str
    asked: dict[str, str]
    to: str
    text: str
    status: str
    created: datetime
    code: int | None = None


class Provider(Serving, ThreadingHTTPServer):
    """What both have in common. Their words are in the two classes below."""

    taken_status = 200
    first_status = ""
    number = text = ""

    def __init__(self) -> None:
        super().__init__(Answer)
        self.taken: list[Taken] = []
        self.requests: list[dict[str, Any]] = []
        self.behaviour, self.refusal, self.lag = "accept", (400, ""), 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def refuse(self, status: int, code: str | int = "") -> None:
        self.behaviour, self.refusal = "refuse", (status, code)

    def mood(self) -> Mood:
        return self.behaviour, self.refusal

    def take(self, asked: dict[str, str]) -> Taken:
        self.taken.append(
            Taken(
                self.id(len(self.taken) + 1), asked, asked[self.number], asked[self.text],
                self.first_status, clock.machine_now(),
            )
        )  # fmt: skip
        return self.taken[-1]

    def shown(self) -> list[Taken]:
        """The newest first."""
        self.lag -= 1
        return [] if self.lag >= 0 else sorted(self.taken, key=lambda t: t.created, reverse=True)

    def id(self, number: int) -> str:
        raise NotImplementedError

    def row(self, taken: Taken) -> dict[str, Any]:
        raise NotImplementedError

    def rows(self, taken: list[Taken]) -> dict[str, Any]:
        raise NotImplementedError

    def refused(self, status: int, code: str | int) -> str:
        raise NotImplementedError


class Elks46(Provider):
    first_status, number, text = "created", "to", "message"

    def id(self, number: int) -> str:
        return f"s{number}"

    def row(self, taken: Taken) -> dict[str, Any]:
        created = taken.created.astimezone(UTC).replace(tzinfo=None).isoformat()
        return {"id": taken.id, "created": created, "status": taken.status} | taken.asked

    def rows(self, taken: list[Taken]) -> dict[str, Any]:
        return {"data": [self.row(one) for one in taken]}

    def refused(self, status: int, code: str | int) -> str:
        return str(code)


class Twilio(Provider):
    taken_status, first_status, number, text = 201, "queued", "To", "Body"

    def id(self, number: int) -> str:
        return f"SM{number:032}"

    def row(self, taken: Taken) -> dict[str, Any]:
        created = format_datetime(taken.created.astimezone(UTC))
        row = {"sid": taken.id, "body": taken.text, "status": taken.status}
        return row | {"date_created": created, "error_code": taken.code}

    def rows(self, taken: list[Taken]) -> dict[str, Any]:
        return {"messages": [self.row(one) for one in taken]}

    def refused(self, status: int, code: str | int) -> str:
        words = "'To' +46701740605 is not right"
        return dumps({"code": code or 20404, "message": words, "status": status})


class Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = self.heard(body)
        mood, refusal = self.server.mood()
        if mood == "refuse":
            self.refuse(*refusal)
            return
        if mood == "lose":
            self.reset()
            return
        if mood == "late":  # it takes it after the client has given up
            self.server.let_go.wait(self.server.silence)
        taken = self.server.take(asked)
        if mood == "hang":
            self.server.let_go.wait(self.server.silence)
        elif mood == "reset":
            self.reset()
        elif mood == "broken":
            self.refuse(500, 20500)
        elif mood == "accept":
            self.answer(self.server.taken_status, dumps(self.server.row(taken)))

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = self.heard(address.query)
        if self.server.behaviour == "refuse":
            self.refuse(*self.server.refusal)
        elif self.server.behaviour == "reset":
            self.reset()
        elif to := asked.get(self.server.number):
            size = int(asked.get("PageSize") or asked["limit"])
            rows = [taken for taken in self.server.shown() if taken.to == to][:size]
            self.answer(200, dumps(self.server.rows(rows)))
        else:
            wanted = address.path.rpartition("/")[2].removesuffix(".json")
            found = [taken for taken in self.server.shown() if taken.id == wanted]
            if found:
                self.answer(200, dumps(self.server.row(found[0])))
            else:
                self.refuse(404, "")

    def heard(self, encoded: str) -> dict[str, str]:
        asked = dict(parse_qsl(encoded))
        self.server.requests.append(
            {
                "method": self.command,
                "path": urlsplit(self.path).path,
                "host": self.headers["X-Meant-For"],
                "auth": self.headers["Authorization"],
                "parameters": asked,
            }
        )
        return asked

    def refuse(self, status: int, code: str | int) -> None:
        self.answer(status, self.server.refused(status, code))

    def reset(self) -> None:
        # Without lingering, closing is a reset.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def answer(self, status: int, words: str) -> None:
        with suppress(OSError):  # the caller is gone
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(words.encode())))
            self.end_headers()
            self.wfile.write(words.encode())

    def finish(self) -> None:
        if not self.connection._closed:
            with suppress(OSError):
                super().finish()

    def log_message(self, *args: object) -> None:
        """Nothing: the default prints."""
