"""Files that other processes read while we write them."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes | str, mode: int = 0o644) -> None:
    """Replaces `path` at once: a reader sees the old content or the new, never a part. Never readable by more than
    `mode` allows, not even for a moment."""
    data = data.encode() if isinstance(data, str) else data
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def bound(path: Path, most: int) -> None:
    """Moves a log that has outgrown `most` bytes to `<name>.1`. Its writers append, so they go on in the emptied
    file; a line written at that very moment may be lost."""
    try:
        if path.stat().st_size <= most:
            return
        path.with_name(f"{path.name}.1").write_bytes(path.read_bytes())
        os.truncate(path, 0)
    except FileNotFoundError:
        return
