"""One reading of a person's own, published as its sensor would publish it."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rules.sensor import Sensor
from simulators.message import Message
from simulators.publish import Publisher, PublishError
from urbanpulse import account, deployment
from urbanpulse.deployment import Deployment
from urbanpulse.folder import load_sensors
from urbanpulse.kafka import Reader
from urbanpulse.run_folder import Run
from urbanpulse.server import mqtt_server
from urbanpulse.tally import Frames, Tally, count
from urbanpulse.trouble import TroubleError

LOOK_BACK = 200
"""Records at the end of a partition among which the newest tick is looked for."""


def send_one(run: Run, sensor: str, metric: str, value: str, ts: int, environ: Mapping[str, str]) -> tuple[str, str]:
    """Publishes it and returns topic and payload. `ts` 0: now, by the city's own clock. Raises TroubleError."""
    if not run.running():
        raise TroubleError(f"the city of {run.folder} does not run: start one with `urbanpulse up`")
    here = deployment.of_run(run, environ)
    known = load_sensors(Path(here.endpoints.city)).get(sensor)
    topic, payload = message(known, sensor, metric, value, ts or _now(here.endpoints.kafka))
    publisher = Publisher(mqtt_server(here, "urbanpulse-send"), lambda: False, lambda _: None)
    try:
        publisher.send([Message(topic, payload.encode(), ())])
        publisher.drain()
    except PublishError as error:
        raise TroubleError(str(error)) from None
    finally:
        publisher.close()
    return topic, payload


def tell_time(here: Deployment, t: int) -> None:
    """Says as the publisher that everything before `t` (ms) is published. Raises TroubleError."""
    publisher = Publisher(mqtt_server(here, "urbanpulse-send"), lambda: False, lambda _: None)
    try:
        publisher.clock(t, t)
    except PublishError as error:
        raise TroubleError(str(error)) from None
    finally:
        publisher.close()


def message(known: Sensor | None, sensor: str, metric: str, value: str, ts: int) -> tuple[str, str]:
    """Topic and payload. A sensor that the registry lacks is published all the same: to be refused is a thing to
    see. `value` is put in as it is when it is JSON, else as a text."""
    try:
        json.loads(value)
        said = value
    except ValueError:
        said = json.dumps(value)
    if known is None:
        topic, moment = f"city/nowhere/unknown/{sensor}", json.dumps(_rfc3339(ts))
    else:
        own = f"gateway/{known.gateway}" if known.gateway else f"{known.kind}/{known.id}"
        topic = f"city/{known.district}/{own}"
        moment = {"ms": str(ts), "s": f"{ts // 1000}.{ts % 1000:03d}"}.get(known.time, json.dumps(_rfc3339(ts)))
    named = f'"sensor":{json.dumps(sensor)},' if known is not None and known.gateway else ""
    return topic, f'{{{named}"ts":{moment},"values":{{{json.dumps(metric)}:{said}}}}}'


def _rfc3339(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _now(servers: str) -> int:
    """The time of the newest tick; the wall's when there is none. A few ms later, by chance: a simulated sensor speaks
    at whole seconds, and a second reading of the same instant would be a conflict."""
    with Reader(servers) as reader:
        ends = reader.ends(account.READINGS)
        starts = {number: max(0, end - LOOK_BACK) for number, end in ends.items()}
        tally = Tally()
        for _, frame in Frames(len(ends)).read(reader.read(account.READINGS, starts)):
            count(frame, tally)
    now = time.time_ns() // 1_000_000
    return max(tally.ticks.values(), default=now) + 1 + now % 998
