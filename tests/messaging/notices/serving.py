"""What the small servers have in common: they run beside a test, and can fall silent."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Serving(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 100
    allow_reuse_address = True

    # How long it keeps silent, when it does. Whoever calls has less patience than that.
    silence = 5.0

    def __init__(self, handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.let_go = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        thread.start()
        yield
        self.let_go.set()
        self.shutdown()
        thread.join()
        self.server_close()
