"""What the judge says of itself about once a second: counted since it started, and how both its stages stand."""

import time
from collections import Counter
from collections.abc import Mapping

from streams.judge_seat import FrameSeat, Judged, Seat
from streams.lanes import READINGS, place_of, split


class Figures:
    """`findings`: of both stages."""

    def __init__(self) -> None:
        self.findings = 0
        self._changes = Counter[str]()
        self._frames = self._readings = self._summaries = self._events = self._derived = self._bad = 0
        self._state_bytes, self._flush_ms, self._flushed_at = 0, 0.0, time.time()

    def judged(self, lane: int, judged: Judged) -> None:
        if place_of(lane) == READINGS:
            self._frames += 1
            self._readings += judged.readings
        else:
            self._summaries += 1
        self._bad += judged.error is not None
        self.findings += judged.findings
        self._changes.update(judged.changes)
        self._derived += judged.derived
        self._events += judged.events

    def flushed(self, state_bytes: int, seconds: float) -> None:
        """A flush took so long and left so much state."""
        self._state_bytes, self._flush_ms, self._flushed_at = state_bytes, 1000 * seconds, time.time()

    def report(
        self,
        seats: Mapping[int, Seat],
        gaps: Mapping[int, list[tuple[int, int]]],
        lags: tuple[int, int],
        behind: int,
        away: bool,
        why: str,
    ) -> dict[str, object]:
        """`seats` and `gaps` by lane; `lags`: records that each stage has before it; `behind`: ms of the second stage's
        clock; `away`: Kafka does not answer; `why`: what is wrong, if anything."""
        positions, area_positions = split({lane: seat.engine.position for lane, seat in seats.items()})
        flushed, area_flushed = split({lane: seat.ledger.position for lane, seat in seats.items()})
        expired, area_expired = split({lane: found for lane, found in gaps.items() if found})
        return {
            "positions": positions,
            "area_positions": area_positions,
            "flushed": flushed,
            "area_flushed": area_flushed,
            "lag": lags[0],
            "area_lag": lags[1],
            "area_behind_ms": behind,
            "frames": self._frames,
            "readings": self._readings,
            "summaries": self._summaries,
            "events": self._events,
            "findings": self.findings,
            "findings_by_change": dict(sorted(self._changes.items())),
            "derived": self._derived,
            "bad_frames": self._bad,
            "catalogue": _in_force(seats),
            "expired": expired,
            "area_expired": area_expired,
            "state_bytes": self._state_bytes,
            "flush_ms": round(self._flush_ms, 1),
            "flushed_at": self._flushed_at,
            "kafka_away": away,
            "health": "red" if why else "green",
            "why": why,
        }


def _in_force(seats: Mapping[int, Seat]) -> list[tuple[int, str]]:
    """The switches (number, catalogue) that hold in the partitions judged here: one, but for a moment."""
    clocks = [seat.engine.clock for seat in seats.values() if isinstance(seat, FrameSeat)]
    return sorted({(clock.serial, clock.catalogue) for clock in clocks})
