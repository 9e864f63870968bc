"""The queue where there is no Redis: files in a folder, each of them whole from the beginning.

kombu makes a file before it writes to it. A worker that looks in between reads nothing, and ends
for good (celery/kombu issue 1551).
"""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    # kombu's own classes do not agree on the name of the second argument.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # In the order of time: the worker takes the first name.
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, payload)

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None
    ) -> None:
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        table = self.get_table(exchange)
        if bound not in table:
            _write_whole(Path(self.control_folder) / f"{exchange}.exchange", [bound, *table])


class Transport(filesystem.Transport):
    Channel = Channel


def _write_whole(file: Path, content: Any) -> None:
    file.parent.mkdir(exist_ok=True)
    half = file.with_name(f".{uuid4()}")
    half.write_text(dumps(content))
    half.replace(file)
