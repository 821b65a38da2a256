"""How long to wait before a dead part is started again."""

from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Doubles from `first` to `most` seconds; a life of `healthy` seconds makes it forget."""

    first: float = 0.5
    most: float = 10.0
    healthy: float = 60.0
    _next: float = 0.0

    def after(self, lived: float) -> float:
        """Seconds to wait after a life of `lived` seconds.

        >>> wait = Backoff()
        >>> [wait.after(1) for _ in range(6)], wait.after(61)
        ([0.5, 1.0, 2.0, 4.0, 8.0, 10.0], 0.5)
        """
        if lived >= self.healthy or not self._next:
            self._next = self.first
        now, self._next = self._next, min(self._next * 2, self.most)
        return now
