"""The name under which a dispatcher holds leases."""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def holding(folder: Path) -> Iterator[str]:
    """A name that no other living dispatcher has. It is kept in `folder`, and a lock on the file says whether its
    owner lives: so a dispatcher that was killed finds its own leases again at once, and need not wait for their
    end. While another process holds the folder's name, a new one is made up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "dispatcher").open("a+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield uuid.uuid4().hex
            return
        file.seek(0)
        name = file.read(100).decode("ascii", "replace").strip()
        if len(name) != 32:
            name = uuid.uuid4().hex
            file.truncate(0)
            file.write(name.encode())
            os.fsync(file.fileno())
        yield name
