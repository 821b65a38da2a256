"""Being asked to stop: SIGTERM and Ctrl-C set a flag, which every wait of a publisher asks."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """False until somebody asks."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self) -> None:
        self._asked = True

    def __call__(self) -> bool:
        return self._asked


@contextmanager
def signals(stop: Stop) -> Iterator[None]:
    """While inside, SIGTERM and SIGINT ask `stop`. Does nothing outside the main thread, where no signal arrives."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(number: int, frame: FrameType | None) -> None:
        stop.ask()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
