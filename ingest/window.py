"""Messages received and not yet acknowledged: what may be acknowledged next, and when there are too many."""

from collections import deque

HELD_BYTES = 16 << 20


class Window:
    """Of one bridge over all its connections. Message ids belong to the connection of now alone."""

    def __init__(self, messages: int) -> None:
        self._messages = messages
        self._waiting: deque[tuple[int, int]] = deque()  # (message id, 0 with QoS 0; bytes held)
        self._safe = 0
        self.received = 0
        self.held = 0
        self.lost = 0

    def __len__(self) -> int:
        return self.received - self._safe

    def take(self, mid: int, held: int) -> None:
        """The next message, for whose sake `held` bytes are kept until it is safe."""
        self._waiting.append((mid, held))
        self.held += held
        self.received += 1

    def settle(self, safe: int) -> list[int]:
        """All before message number `safe` is durable: the ids to acknowledge, in order of receipt.

        Never less than before: `safe` may still speak of messages of an older connection.
        """
        if safe <= self._safe:
            return []
        done = [self._waiting.popleft() for _ in range(safe - self._safe)]
        self._safe = safe
        self.held -= sum([held for _, held in done])
        return [mid for mid, _ in done if mid]

    def forget(self) -> None:
        """The connection is lost: what is not acknowledged comes again, under message ids of its own."""
        self.lost += len(self._waiting)
        self._waiting.clear()
        self._safe, self.held = self.received, 0

    @property
    def full(self) -> bool:
        """mosquitto forgets ReceiveMaximum once it has a backlog: beyond it the bridge leaves its socket unread."""
        return len(self) > self._messages or self.held > HELD_BYTES
