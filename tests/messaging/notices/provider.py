"""A small SMS provider on this machine, with a memory: what it took, it took, whatever it answered.

It speaks as 46elks does. `behaviour` is how it answers; `lag` hides what it took from so many
look-ups. The list `taken` is the truth that tests compare with.
"""

import socket
import struct
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from urllib.parse import parse_qs, urlsplit

from web import clock


class Provider(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.taken: list[dict[str, str]] = []
        self.signed_in: list[str] = []
        self.behaviour, self.refusal, self.lag = "accept", (400, ""), 0
        self.let_go = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/a1"

    def end(self) -> None:
        self.let_go.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.signed_in.append(b64decode(self.headers["Authorization"][6:]).decode())
        behaviour = self.server.behaviour
        if behaviour == "refuse":
            status, words = self.server.refusal
            self.answer(status, words)
            return
        if behaviour == "late":  # it takes it after the client has given up
            self.server.let_go.wait(5)
        row = self.take({name: values[0] for name, values in sent.items()})
        if behaviour == "hang":
            self.server.let_go.wait(5)
        elif behaviour == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
        elif behaviour == "broken":
            self.answer(500, "Internal error")
        elif behaviour != "late":
            self.answer(200, dumps(row))

    def take(self, sent: dict[str, str]) -> dict[str, str]:
        created = clock.machine_now().replace(tzinfo=None).isoformat()
        number = len(self.server.taken) + 1
        row = {"id": f"s{number}", "created": created, "status": "created", **sent}
        self.server.taken.append(row)
        return row

    def do_GET(self) -> None:
        if self.server.behaviour == "refuse":
            self.answer(*self.server.refusal)
            return
        address = urlsplit(self.path)
        self.server.lag -= 1
        shown = [] if self.server.lag >= 0 else self.server.taken
        last = address.path.rpartition("/")[2]
        if last == "sms":
            to = parse_qs(address.query)["to"][0]
            rows = [row for row in reversed(shown) if row["to"] == to]
            self.answer(200, dumps({"data": rows}))
            return
        found = [row for row in shown if row["id"] == last]
        self.answer(200 if found else 404, dumps(found[0] if found else {}))

    def answer(self, status: int, words: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(words.encode())))
        self.end_headers()
        self.wfile.write(words.encode())

    def finish(self) -> None:
        if not self.connection._closed:
            super().finish()

    def log_message(self, *args: object) -> None:
        """Nothing: the default prints."""
