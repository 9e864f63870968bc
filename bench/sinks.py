"""Servers that take everything at once, in a process of their own: what they cost is not ours.

`python -m bench.sinks smtp|http` prints its port.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tools import processes


@contextmanager
def running(kind: str) -> Iterator[int]:
    """Yields the port on 127.0.0.1."""
    command = [sys.executable, "-m", "bench.sinks", kind]
    sink = processes.start(command, dict(os.environ), subprocess.PIPE)
    try:
        assert sink.stdout  # noqa: S101  # a pipe
        yield int(sink.stdout.readline())
    finally:
        processes.end([sink])


class Sink(asyncio.Protocol):
    taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self.transport, self.heard = transport, bytearray()

    def data_received(self, data: bytes) -> None:
        self.heard += data
        while answer := self.answer():
            self.transport.write(answer)

    def answer(self) -> bytes:
        """To the first whole thing said, which is forgotten. Empty while there is none."""
        raise NotImplementedError

    def first(self, length: int) -> bytes:
        said = bytes(self.heard[:length])
        del self.heard[:length]
        return said


class Smtp(Sink):
    ANSWERS = {
        b"EHLO": b"250-sink\r\n250 PIPELINING\r\n",
        b"DATA": b"354 go on\r\n",
        b"QUIT": b"221 bye\r\n",
    }
    is_in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.write(b"220 sink\r\n")

    def answer(self) -> bytes:
        if self.is_in_message:
            # Nobody says more before this has been answered.
            if not self.heard.endswith(b"\r\n.\r\n"):
                return b""
            self.heard.clear()
            self.is_in_message = False
            return b"250 taken\r\n"
        end = self.heard.find(b"\r\n")
        if end < 0:
            return b""
        word = self.first(end + 2)[:4].upper()
        self.is_in_message = word == b"DATA"
        return self.ANSWERS.get(word, b"250 OK\r\n")


class Http(Sink):
    """As 46elks answers."""

    def answer(self) -> bytes:
        end = self.heard.find(b"\r\n\r\n")
        if end < 0:
            return b""
        head = bytes(self.heard[:end]).lower()
        _, _, length = head.partition(b"content-length:")
        whole = end + 4 + int(length.split(b"\r\n")[0] or 0)
        if len(self.heard) < whole:
            return b""
        self.first(whole)
        Sink.taken += 1
        body = b'{"id": "s%032x", "status": "created"}' % Sink.taken
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def _serve(kind: type[Sink]) -> None:
    server = await asyncio.get_running_loop().create_server(kind, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve({"smtp": Smtp, "http": Http}[sys.argv[1]]))
