"""How the web process runs, here and in production. How many of it is said by who starts it."""

import os

from gunicorn.config import Config
from gunicorn.glogging import Logger

from config import logs


class JsonLogger(Logger):
    """What gunicorn says about itself, in the same form as everything else."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        logs.configure(level=os.environ.get("LOG_LEVEL", "INFO"))
        self.error_log.handlers.clear()
        self.error_log.propagate = True


worker_class = "gthread"
logger_class = JsonLogger
control_socket_disable = True
