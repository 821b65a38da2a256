"""One partition of the second stage: what the first one says of sensors, judged area by area."""

from rules.areas.summary import SummaryReader
from rules.frame import FrameError
from streams.facts import Facts
from streams.judge_seat import Judged, Seat
from streams.judged import of_findings
from streams.ports import AreaJudge
from streams.settings import JudgeSettings


class AreaSeat(Seat):
    """Its findings go where those of the first stage go."""

    def __init__(self, settings: JudgeSettings, partition: int, engine: AreaJudge, facts: Facts) -> None:
        self.engine: AreaJudge = engine
        self._reader = SummaryReader(partition, settings.partitions)
        super().__init__(settings, partition, engine, facts)

    def judge(self, offset: int, value: bytes | None) -> Judged:
        try:
            summary = self._reader.read(value)
        except FrameError as error:
            self.engine.skip(offset)
            return Judged([], error=error)
        findings = self.engine.summary(offset, summary)
        return Judged(of_findings(self._settings.findings, findings), len(findings))
