"""A part lives no longer than its supervisor, however that one ends."""

import ctypes
import os
import signal
import sys
import threading
import time

PARENT = "URBANPULSE_PARENT"
"""The environment variable in which a supervisor tells its parts its pid."""

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ends this process when the supervisor that started it is gone; does nothing when nobody supervises it.

    On Linux the kernel sees to it, and the promise survives an exec. Elsewhere a thread looks once a second.
    """
    told = os.environ.get(PARENT, "")
    if not told.isdigit():
        return
    parent = int(told)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True, name="lifeline").start()
    if os.getppid() != parent:  # it went before we asked
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
