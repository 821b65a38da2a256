"""The recorder: frames in, time series out. A Faust app with a consumer group of its own, so that a store that is
away holds up nothing but itself."""

from collections.abc import Callable

import faust

from streams.host import Host, create_app, prepare, run, seat
from streams.recording import Recording
from streams.settings import RecordSettings
from streams.stores import open_store
from streams.watch import watch

Report = Callable[[dict[str, object]], None]


def build(settings: RecordSettings, report: Report | None = None) -> tuple[faust.App, Host, Recording]:
    """The app, its host and the recorder in it, connected and not started."""
    app, host = create_app(
        "record",
        group=settings.group,
        kafka=settings.kafka,
        topics=(settings.readings, settings.derived),
        partitions=settings.partitions,
        data_dir=settings.data_dir,
        session_timeout=settings.session_timeout,
        member=settings.member,
    )
    recording = Recording(settings, lambda: open_store(settings.store_url, settings.store_secret), host, report)
    seat(host, recording)
    return app, host, recording


def create_record(settings: RecordSettings) -> faust.App:
    """The recorder's Faust app, for whoever runs Faust workers in a way of their own."""
    return build(settings)[0]


def run_record(settings: RecordSettings, report: Report | None = None) -> None:
    """Record in this process until SIGTERM, then write what was taken and return. `report` is called about once a
    second. Ends the process with status 3 when it stands still for a reason other than the store's."""
    if not prepare("record", settings.kafka):
        return
    app, host, recording = build(settings, report)
    watch("record", recording.watchdog)
    run(app, host)
