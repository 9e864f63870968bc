"""The server of the database dies as in a power cut, and comes back by itself."""

import time

import psutil
from django.db import Error, connection, connections


class Server:
    """PostgreSQL of our own: when one of its processes is killed it ends all, and recovers."""

    has_died = False

    def __init__(self) -> None:
        # The careless servers of tests say yes before they have written.
        connection.settings_dict["OPTIONS"]["options"] = "-c synchronous_commit=on"
        connections.close_all()

    def die(self) -> None:
        connection.ensure_connection()
        ours = psutil.Process(connection.connection.info.backend_pid)
        assert ours.name().startswith("postgres")
        ours.kill()
        self.has_died = True

    def come_back(self) -> None:
        while True:
            time.sleep(0.1)  # it may take a new connection before it has seen the death
            # As Celery does before each task.
            connections.close_all()
            try:
                connection.ensure_connection()
            except Error:
                continue
            return
