"""Is a stream part alive: does it move when there is something to read, and has it written what it knows? Pure."""

STUCK = 30.0
STALE = 60.0
UNASSIGNED = 90.0
PATIENCE = 60.0


class Watchdog:
    """Told what happens, with times in seconds of one steady clock. Red is reported at once; a part that stays red
    for `PATIENCE` more must end, because a fresh start is the repair for everything that is not Kafka's fault."""

    def __init__(self, now: float) -> None:
        self._flushed = now
        self._pause = 0.0
        self._assigned: float | None = None
        self._waiting_since = now
        self._moved: dict[str, tuple[int, float]] = {}
        self._ends: dict[str, int] = {}
        self._red_since: float | None = None
        self._looked = now
        self._holding = ""

    def flushed(self, now: float, pause: float = 0.0) -> None:
        """Everything is durable; the next time is due `pause` seconds from now."""
        self._flushed, self._pause = now, pause

    def revoked(self, now: float) -> None:
        self._moved.clear()
        self._ends.clear()
        self._assigned, self._waiting_since = None, now

    def assigned(self, now: float) -> None:
        """The group has answered, if only with no partition at all."""
        self._assigned = self._flushed = now

    def saw(self, now: float, partition: str, committed: int, end: int) -> None:
        """`partition`: its name. `committed`: the next offset for which everything is durable; `end`: the log's end."""
        known = self._moved.get(partition)
        if known is None or known[0] != committed or committed >= end:
            self._moved[partition] = (committed, now)
        self._ends[partition] = end

    def holding(self, reason: str) -> None:
        """Standing still on purpose, for `reason`; "" when no longer."""
        self._holding = reason

    def why(self, now: float) -> str:
        """The reason for red, or "" for green."""
        slack = 3 * self._pause
        if self._holding:
            return ""
        if self._assigned is None:
            waited = now - self._waiting_since
            return f"no partitions assigned for {waited:.0f} s" if waited > UNASSIGNED else ""
        if (age := now - self._flushed) > max(STALE, slack):
            return f"the last whole flush is {age:.0f} s old"
        for partition, (committed, since) in self._moved.items():
            if self._ends[partition] > committed and now - since > max(STUCK, slack):
                return (
                    f"{partition}: the log ends at {self._ends[partition]} and position {committed} "
                    f"has not moved for {now - since:.0f} s"
                )
        return ""

    def fatal(self, now: float) -> str:
        """The reason to end the process, or "". To be asked about once a second: a pause of the whole process (it
        was frozen, the machine slept) must not look like a standstill of its work."""
        if now - self._looked > 10.0:
            self._red_since = None
        self._looked = now
        why = self.why(now)
        if not why:
            self._red_since = None
            return ""
        if self._red_since is None:
            self._red_since = now
        return why if now - self._red_since > PATIENCE else ""
