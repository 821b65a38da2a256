"""The judge: frames in, findings out; sensors first, then areas. One Faust app of its own; nothing slow lives in it."""

from collections.abc import Callable

import faust

from rules.areas.engine import AreaEngine
from rules.catalogue import Catalogue
from rules.engine import Engine
from streams.host import Host, create_app, prepare, run, seat
from streams.judging import Judging
from streams.settings import JudgeSettings
from streams.stages import stages
from streams.watch import watch

Report = Callable[[dict[str, object]], None]


def build(settings: JudgeSettings, report: Report | None = None) -> tuple[faust.App, Host, Judging]:
    """The app, its host and the judge in it, connected and not started."""
    app, host = create_app(
        "judge",
        group=settings.group,
        kafka=settings.kafka,
        topics=tuple(stage.source for stage in stages(settings)),
        partitions=settings.partitions,
        data_dir=settings.data_dir,
        session_timeout=settings.session_timeout,
        member=settings.member,
    )

    def engine(partition: int, catalogue: Catalogue | None) -> Engine:
        return Engine(catalogue, partition=partition, partitions=settings.partitions, topic=settings.readings)

    def area(partition: int, catalogue: Catalogue | None) -> AreaEngine:
        return AreaEngine(catalogue, partition=partition, partitions=settings.partitions, topic=settings.summaries)

    judging = Judging(settings, engine, area, host, report)
    seat(host, judging)
    return app, host, judging


def create_judge(settings: JudgeSettings) -> faust.App:
    """The judge's Faust app, for whoever runs Faust workers in a way of their own."""
    return build(settings)[0]


def run_judge(settings: JudgeSettings, report: Report | None = None) -> None:
    """Judge in this process until SIGTERM, then flush and return. `report` is called about once a second. By which
    catalogue is in the log; before it says so, nothing is judged.

    What cannot be repaired here (a wrong topic, a hole in the log, a standstill) is logged and ends the process with
    status 3; what was judged and not flushed is judged again by whoever comes next, with the same findings.
    """
    if not prepare("judge", settings.kafka):
        return
    app, host, judging = build(settings, report)
    watch("judge", judging.watchdog)
    run(app, host)
