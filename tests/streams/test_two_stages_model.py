"""A model of a judge with two stages and of the broker between them: crashes at any record of a flush, frozen workers
whose summaries and state come late, summaries that come again. Whatever happens, the findings of both stages are those
of one undisturbed pass, and the second stage's state is what its log says."""

import random
from collections.abc import Iterable

import pytest

from rules.finding import Finding, decode
from streams.area_seat import AreaSeat
from streams.catalogues import Catalogues
from streams.facts import Record, recover
from streams.judge_seat import FrameSeat, Seat
from streams.judged import Out
from streams.settings import JudgeSettings
from streams.stages import Stage, stages
from tests.support.area_tally import AreaTally, TellingEngine
from tests.support.frames import random_log

RECORDS, PARTITIONS = 60, 2


async def no_records() -> list[Record]:
    return []


SETTINGS = JudgeSettings(kafka="nowhere:1", partitions=PARTITIONS, data_dir=__file__)  # type: ignore[arg-type]
SENSORS, AREAS = stages(SETTINGS)
NONE = Catalogues("catalogue", no_records, print)
Told = tuple[str, str, str, int, str]


def told(finding: Finding) -> Told:
    """What a finding says, without the place in the log of summaries, which is a matter of chance."""
    area = finding.text.partition(":")[0] if not finding.sensor else finding.sensor
    return finding.rule, area, finding.episode, finding.revision, f"{finding.change} {finding.at} {finding.text}"


class Log:
    """The summaries: one list of records a partition."""

    def __init__(self) -> None:
        self.partitions: list[list[bytes]] = [[] for _ in range(PARTITIONS)]

    def take(self, out: Iterable[Out]) -> None:
        for record in out:
            if record.topic == SETTINGS.summaries:
                assert record.partition is not None
                self.partitions[record.partition].append(record.value)


def seated(stage: Stage, partition: int, state: Iterable[Record]) -> Seat:
    facts = recover(state, partition, PARTITIONS)
    if stage is SENSORS:
        first = TellingEngine(None, partition=partition, partitions=PARTITIONS)
        return FrameSeat(SETTINGS, partition, first, facts, NONE)
    second = AreaTally(None, partition=partition, partitions=PARTITIONS)
    return AreaSeat(SETTINGS, partition, second, facts, NONE)


def read(seat: Seat, log: list[bytes], upto: int) -> list[Out]:
    out: list[Out] = []
    for offset in range(seat.engine.position, min(upto, len(log))):
        out += seat.judge(offset, log[offset]).out
    return out


def findings(out: Iterable[Out]) -> set[bytes]:
    return {record.value for record in out if record.topic == SETTINGS.findings}


class Lane:
    """One partition of one stage: its state topic, what is found of it, and the worker that has it just now."""

    def __init__(self, stage: Stage, partition: int, source: list[bytes], summaries: Log) -> None:
        self.stage, self.partition, self.source, self.summaries = stage, partition, source, summaries
        self.state: list[Record] = []
        self.found: set[bytes] = set()
        self.frozen: list[tuple[list[Out], list[Record]]] = []
        self.crashes = self.late = 0
        self.begin()

    def begin(self) -> None:
        self.seat = seated(self.stage, self.partition, self.state)
        self.pending: list[Out] = []

    def durable(self, out: list[Out]) -> None:
        self.found |= findings(out)
        self.summaries.take(out)

    def step(self, chance: random.Random, durable_first: bool) -> None:
        self.pending += read(self.seat, self.source, self.seat.engine.position + chance.randrange(1, 12))
        some = chance.randrange(len(self.pending) + 1)  # the producer sends on, flush or not
        self.durable(self.pending[:some])
        self.pending = self.pending[some:]
        flush, fate = self.seat.snapshot(), chance.random()
        if fate < 0.12:
            self._end(chance, [])
        elif flush is not None and fate < 0.8:
            records: list[Record] = [*chance.sample(flush.chunks, len(flush.chunks)), flush.marker]
            if durable_first:
                self.durable(self.pending)
                self.pending = []
            if fate < 0.3:
                done = chance.randrange(len(records) + 1)
                self.state += records[:done]
                self._end(chance, records[done:])
            else:
                self.state += records
                self.seat.ledger.done(flush)
        if self.frozen and chance.random() < 0.3:
            out, state = self.frozen.pop(chance.randrange(len(self.frozen)))
            self.durable(out[: chance.randrange(len(out) + 1)])
            self.state += state[: chance.randrange(len(state) + 1)]
            self.late += 1

    def _end(self, chance: random.Random, state: list[Record]) -> None:
        """Dead, or frozen with things in its hands that it writes later."""
        self.crashes += 1
        if chance.random() < 0.5:
            self.frozen.append((self.pending, state))
        self.begin()

    @property
    def done(self) -> bool:
        return not self.pending and self.seat.ledger.position == len(self.source)


def undisturbed(logs: list[list[bytes]], chance: random.Random) -> set[Told]:
    """One pass of both stages, in an order of the partitions of its own."""
    summaries, out = Log(), list[Out]()
    first = [seated(SENSORS, partition, []) for partition in range(PARTITIONS)]
    while left := [seat for seat, log in zip(first, logs, strict=True) if seat.engine.position < len(log)]:
        seat = chance.choice(left)
        made = read(seat, logs[first.index(seat)], seat.engine.position + 1)
        summaries.take(made)
        out += made
    for partition, log in enumerate(summaries.partitions):
        out += read(seated(AREAS, partition, []), log, len(log))
    return {told(decode(value)) for value in findings(out)}


def trial(seed: int, durable_first: bool = True) -> dict[str, int]:
    chance = random.Random(seed)
    logs = [random_log(chance, RECORDS, partition, PARTITIONS, sensors=12) for partition in range(PARTITIONS)]
    want = undisturbed(logs, chance)
    assert want == undisturbed(logs, chance), f"seed {seed}: the order in which partitions are read decides"
    summaries = Log()
    sensors = [Lane(SENSORS, partition, logs[partition], summaries) for partition in range(PARTITIONS)]
    areas = [Lane(AREAS, partition, summaries.partitions[partition], summaries) for partition in range(PARTITIONS)]
    for _ in range(3000):
        if all(lane.done for lane in (*sensors, *areas)):
            break
        chance.choice([lane for lane in (*sensors, *areas) if not lane.done]).step(chance, durable_first)
    else:
        raise AssertionError(f"seed {seed}: it does not come to an end")
    found = {told(decode(value)) for lane in (*sensors, *areas) for value in lane.found}
    assert found == want, f"seed {seed}: {len(found - want)} wrong findings, {len(want - found)} lost"
    for lane in areas:
        whole = seated(AREAS, lane.partition, [])
        exactly = findings(read(whole, lane.source, len(lane.source)))
        assert lane.found == exactly, f"seed {seed}: other findings than its log says"
        again = seated(AREAS, lane.partition, lane.state)
        assert findings(read(again, lane.source, len(lane.source))) <= exactly
        assert again.engine.pack() == whole.engine.pack(), f"seed {seed}: other state than its log says"
        assert (again.engine.clock, again.engine.counts()) == (whole.engine.clock, whole.engine.counts())
    repeats = sum(seated(AREAS, lane.partition, lane.state).engine.counts().repeats for lane in areas)
    crashed, late = (sum(getattr(lane, name) for lane in sensors) for name in ("crashes", "late"))
    of_areas = sum(finding[0] == "many" for finding in want)
    return {"crashes": crashed, "areas": sum(lane.crashes for lane in areas), "late": late, "repeats": repeats,
            "findings": of_areas}  # fmt: skip


def test_any_crash_of_either_stage_and_any_late_summary_changes_nothing() -> None:
    totals: dict[str, int] = {}
    for seed in range(40):
        for name, count in trial(seed).items():
            totals[name] = totals.get(name, 0) + count
    # The trials must have met what they are about.
    assert totals["crashes"] > 200 and totals["areas"] > 200 and totals["late"] > 60, totals
    assert totals["repeats"] > 200 and totals["findings"] > 400, totals


def test_the_model_notices_a_state_that_is_durable_before_its_summaries() -> None:
    failed = 0
    for seed in range(12):
        try:
            trial(seed, durable_first=False)
        except AssertionError:
            failed += 1
    assert failed >= 6


@pytest.mark.parametrize("composite", [True, False])
def test_a_city_without_rules_on_areas_writes_no_summary(monkeypatch: pytest.MonkeyPatch, composite: bool) -> None:
    monkeypatch.setattr(TellingEngine, "composite", composite)
    log = random_log(random.Random(3), 80, 0, PARTITIONS, sensors=12)
    topics = {record.topic for record in read(seated(SENSORS, 0, []), log, 80)}
    assert (SETTINGS.summaries in topics) is composite and SETTINGS.findings in topics
