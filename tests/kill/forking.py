"""A process of its own without reading Django again: a death costs a few milliseconds."""

import os
import sys
from collections.abc import Callable


def fork(work: Callable[[], object]) -> int:
    """No connection may be open. What `work` returns, if a number, is how the process ends."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        code = int(work() or 0)  # type: ignore[call-overload]
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)
