"""One partition of the second stage: what the first one says of sensors, judged area by area."""

from rules.areas.summary import SummaryReader
from rules.frame import FrameError
from streams.catalogues import Catalogues
from streams.facts import Facts
from streams.judge_seat import Judged, Seat
from streams.judged import changes_of, of_findings
from streams.ports import AreaJudge
from streams.settings import JudgeSettings


class AreaSeat(Seat):
    """Its findings go where those of the first stage go."""

    def __init__(
        self, settings: JudgeSettings, partition: int, engine: AreaJudge, facts: Facts, catalogues: Catalogues
    ) -> None:
        self.engine: AreaJudge = engine
        self._reader = SummaryReader(partition, settings.partitions)
        super().__init__(settings, partition, engine, facts, catalogues)

    def judge(self, offset: int, value: bytes | None) -> Judged:
        try:
            summary = self._reader.read(value)
        except FrameError as error:
            self.engine.skip(offset)
            return Judged([], error=error)
        catalogue = self._catalogues.get(summary.catalogue) if self.engine.news(summary) else None
        findings = self.engine.summary(offset, summary, catalogue)
        out = of_findings(self._settings.findings, findings)
        return Judged(out, len(findings), changes=changes_of(findings))
