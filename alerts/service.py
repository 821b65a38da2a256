"""The part `alerts`: one process that takes findings and tells departments."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from alerts.channels import CHANNELS
from alerts.channels.port import Channel, Surroundings
from alerts.database import is_away
from alerts.delivery_thread import DeliveryThread
from alerts.desk import Desk, wall_clock
from alerts.holder import holding
from alerts.kafka import FindingsLog
from alerts.outbox import Outbox
from alerts.reporting import Report, Reporter
from alerts.settings import AlertSettings
from alerts.sparing import Sparing
from alerts.taking import Taker

T = TypeVar("T")

log = logging.getLogger("alerts")

POLL_SECONDS, AWAY_SECONDS = 1.0, 1.0


class ChannelsError(ValueError):
    """Channels that cannot be built, each with its reason; no secret is shown."""


def build_channels(settings: AlertSettings, environ: Mapping[str, str]) -> dict[str, Channel]:
    """Every department's channels by endpoint. Raises ChannelsError naming all that cannot be built."""
    surroundings = Surroundings(settings.policy, environ, settings.secrets_dir, settings.ca_file)
    channels: dict[str, Channel] = {}
    faults = []
    for department in settings.departments.values():
        for channel in department.channels:
            try:
                channels[channel.endpoint] = CHANNELS[channel.kind].build(channel.config, surroundings)
            except (ValueError, OSError) as error:
                faults.append(f"{channel.endpoint}: {error}")
    if faults:
        raise ChannelsError("; ".join(faults))
    return channels


def run_alerts(
    settings: AlertSettings,
    report: Report | None = None,
    *,
    stop: threading.Event | None = None,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Runs until SIGTERM, SIGINT or `stop`; then takes no more, lets messages on their way arrive, and returns.

    `report` is called about once a second with: `alerts` by state; `deliveries` by outcome (`sent`, `waiting`, `held`,
    `failed`), `channels` the same for each kind of channel, `waiting` of them; `disabled` endpoints and what they said;
    `findings` (`changed`, `seen`, `poison`) and `expired` since the start; `position` by partition; `latency_ms` of
    webhooks, `p50` and `p99`. Raises ChannelsError before anything starts, and RuntimeError when
    delivery has ended by itself.
    """
    stop = stop if stop is not None else threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log whole URLs, and some hold a token
    channels = build_channels(settings, os.environ if environ is None else environ)
    with ExitStack() as undo:
        holder = undo.enter_context(holding(settings.data_dir))
        desk = patiently(lambda: Desk(settings.database_url, settings.departments, places=settings.places), stop)
        if desk is None:
            return
        undo.callback(desk.close)
        outbox = Outbox(desk.database, holder)
        patiently(lambda: outbox.drop_removed(channels, wall_clock()), stop)
        delivery = undo.enter_context(DeliveryThread(outbox, channels, stop))
        taker = patiently(lambda: Taker(desk, settings.findings), stop)
        if taker is None:
            return
        findings = FindingsLog(settings.kafka, settings.findings, settings.group, taker.positions)
        undo.callback(findings.close)
        reporter = Reporter(desk, taker, delivery, report)
        while not stop.is_set():
            records = findings.poll(POLL_SECONDS)
            if records:
                messages = taker.messages
                patiently(partial(taker.take, records), stop)
                findings.taken(taker.positions)
                if taker.messages > messages:
                    delivery.wake()
            if patiently(desk.lift, stop):
                delivery.wake()
            reporter.report()
        delivery.stop()
        reporter.report(last=True)
    if delivery.failed:
        raise RuntimeError("delivery ended by itself; its log says why")


def patiently(action: Callable[[], T], stop: threading.Event) -> T | None:
    """The action's result, tried again while the database is away; None when told to stop meanwhile."""
    sparing = Sparing(log)
    while True:
        try:
            return action()
        except DBAPIError as error:
            if not is_away(error):
                raise
            sparing.warning("database", f"the database of alerts is away: {error.orig}")
        if stop.wait(AWAY_SECONDS):
            return None
