"""What a city says about its indices."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from rules.derived.standards import NATIONAL, Standards

FREE_FLOW = 60.0


@dataclass(frozen=True, slots=True)
class Indices:
    """`zone`: the time zone of the city's days. `exempt`: pollutants that need not be monitored here (HJ 633 §5.3.2).
    `free_flow`: the speed (km/h) of an empty road, for sensors whose registry row names none. `standards`: the numbers
    that the city sets for itself."""

    zone: tzinfo = UTC
    exempt: tuple[str, ...] = ()
    free_flow: float = FREE_FLOW
    standards: Standards = NATIONAL

    def origin(self, every: int) -> int:
        """How far (ms) behind the epoch's windows those of the local clock are. A zone is taken to keep its minutes:
        summer time moves whole hours (Lord Howe Island's half hour is not followed)."""
        offset = datetime(2026, 1, 1, tzinfo=self.zone).utcoffset() or timedelta()
        return -int(offset.total_seconds() * 1000) % every

    def day(self, at: int) -> date:
        """The local day of a time (ms)."""
        return datetime.fromtimestamp(at / 1000, self.zone).date()

    def instant(self, day: date, hour: int) -> int:
        """The time (ms) at which a full local hour (0 to 23) of a day begins."""
        return int(datetime(day.year, day.month, day.day, hour, tzinfo=self.zone).timestamp() * 1000)
