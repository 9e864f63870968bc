import threading
from pathlib import Path

import pytest
from kombu import Connection

from config import broker


@pytest.fixture
def connection(tmp_path):
    """As `settings.CELERY_BROKER_TRANSPORT_OPTIONS` has it."""
    (tmp_path / "broker").mkdir()
    folders = {
        "data_folder_in": str(tmp_path / "broker"),
        "data_folder_out": str(tmp_path / "broker"),
        "control_folder": str(tmp_path / "control"),
    }
    transport = "config.broker:Transport"
    with Connection("filesystem://", transport=transport, transport_options=folders) as connection:
        yield connection


@pytest.fixture
def queue(connection, request):
    # kombu remembers for the whole process which queues have been bound.
    with connection.SimpleQueue(request.node.name, no_ack=True) as queue:
        yield queue


class TestTransport:
    def test_is_the_one_that_celery_uses(self, settings):
        from config.celery import app

        if settings.CELERY_BROKER_URL.startswith("filesystem"):
            assert isinstance(app.connection_for_write().transport, broker.Transport)

    def test_delivers_in_the_order_of_time(self, queue):
        for number in range(3):
            queue.put(number)
            threading.Event().wait(0.002)  # the names tell milliseconds

        assert [queue.get(timeout=10).payload for _ in range(3)] == [0, 1, 2]

    def test_shows_a_worker_nothing_that_is_half_written(self, queue, tmp_path, monkeypatch):
        """Else a worker that looks at the wrong moment reads nothing, and ends."""
        shown = []
        write = Path.write_text

        def watched(file, text):
            file.touch()
            shown.extend(tmp_path.glob("broker/*.msg"))
            return write(file, text)

        monkeypatch.setattr(Path, "write_text", watched)
        queue.put("hej")

        assert shown == []
        assert queue.get(timeout=10).payload == "hej"

    def test_binds_a_queue_once(self, queue, tmp_path):
        queue.channel._queue_bind(queue.queue.name, queue.queue.name, "", queue.queue.name)

        [table] = tmp_path.glob("control/*.exchange")
        assert table.read_text().count(queue.queue.name) == 2
