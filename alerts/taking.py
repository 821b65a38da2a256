"""Records from the topic of findings, onto the desk. A record that cannot be taken is set aside, never met again."""

import logging
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from alerts.checks import PoisonError, read_finding
from alerts.database import is_away
from alerts.desk import Desk, Poison, Taken
from alerts.kafka import Record
from rules.finding import Finding

log = logging.getLogger("alerts.taking")


class Taker:
    """Counts what it took since the start: `changed` alerts, findings already `seen`, `poison` records, `messages`
    put into the outbox, and records that were `expired` (deleted from the topic before we read them)."""

    def __init__(self, desk: Desk, topic: str) -> None:
        self._desk, self._topic = desk, topic
        self.positions = desk.positions(topic)
        self.changed = self.seen = self.poison = self.messages = self.expired = 0

    def take(self, records: Sequence[Record]) -> None:
        """Takes them all. Raises DBAPIError only when the database is away: then nothing, or only the first of them,
        are taken, and the same call may be repeated."""
        try:
            self._take(records)
        except DBAPIError as error:
            if is_away(error):
                raise
            self._one_by_one(records)
        except Exception:
            self._one_by_one(records)

    def _one_by_one(self, records: Sequence[Record]) -> None:
        for record in records:
            try:
                self._take([record])
            except Exception as error:
                if isinstance(error, DBAPIError) and is_away(error):
                    raise
                log.exception("%s[%d]@%d cannot be kept", self._topic, record.partition, record.offset)
                self._take([record], aside=f"cannot be kept: {type(error).__name__}")

    def _take(self, records: Sequence[Record], aside: str = "") -> None:
        findings: list[Finding] = []
        poison: list[Poison] = []
        for record in records:
            try:
                if aside:
                    raise PoisonError(aside)
                findings.append(read_finding(record.value))
            except PoisonError as error:
                poison.append(Poison(self._topic, record.partition, record.offset, str(error), record.value or b""))
        positions = {record.partition: record.offset + 1 for record in records}
        taken = self._desk.take(
            findings, {(self._topic, partition): following for partition, following in positions.items()}, poison
        )
        self._count(taken, poison)
        self._count_gaps(records)
        self.positions |= positions

    def _count(self, taken: Taken, poison: Sequence[Poison]) -> None:
        self.changed += taken.changed
        self.seen += taken.seen
        self.messages += taken.messages
        self.poison += len(poison)
        for each in poison:
            log.warning("%s[%d]@%d is set aside: %s", self._topic, each.partition, each.offset, each.reason)

    def _count_gaps(self, records: Sequence[Record]) -> None:
        """Offsets of a topic of findings follow one another: where some are missing, retention took them."""
        expected = dict(self.positions)
        for record in records:
            gap = record.offset - expected.get(record.partition, record.offset)
            expected[record.partition] = record.offset + 1
            if gap > 0:
                self.expired += gap
                log.warning("%s[%d]: %d records before %d are gone", self._topic, record.partition, gap, record.offset)
