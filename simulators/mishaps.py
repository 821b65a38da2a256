"""What goes wrong on any day, on purpose: a broken thermometer, messages that nobody can read, messages sent twice.

Each mishap knows why the city must refuse it (docs/devices.md has the codes).
"""

from rules.sensor import Sensor
from simulators.device import time_text
from simulators.message import Message
from simulators.place import DAY, HOUR
from simulators.scenario import Setting

MONTH = 30 * DAY
BROKEN, BROKEN_EVERY = 10 * 60_000, 8 * HOUR
"""For how long the thermometer is broken, and how often: too briefly to be told as silent, or to leave half an hour
without a mean."""
TWICE = 4 * HOUR
"""How often one sensor repeats its last message."""


class Mishaps:
    """The mishaps of one day. A registry without a sensor that speaks for itself has none."""

    def __init__(self, setting: Setting) -> None:
        alone = [sensor for sensor in setting.sensors.values() if not sensor.gateway]
        thermometers = [sensor for sensor in alone if "temperature" in sensor.channels and len(sensor.channels) > 1]
        self._thermometer = thermometers[0].id if thermometers else ""
        self._twice = alone[0].id if alone else ""
        self._day = setting.day
        self._list = self._unreadable(alone, setting.day) if alone else []
        self._list += self._strange_gateway(list(setting.sensors.values()), setting.day)

    def broken(self, sensor: Sensor, at: int) -> str:
        """The metric that the sensor shows beyond all sense at `at`, or empty."""
        broken = sensor.id == self._thermometer and (at - self._day) % BROKEN_EVERY < BROKEN
        return "temperature" if broken and at - self._day >= BROKEN_EVERY else ""

    def again(self, sensor: Sensor, at: int) -> bool:
        """Whether the message of `at` is sent twice."""
        return sensor.id == self._twice and (at - self._day) % TWICE < sensor.interval

    def messages(self, start: int, end: int) -> list[tuple[int, Message]]:
        return [(at, message) for at, message in self._list if start <= at < end]

    @staticmethod
    def _unreadable(alone: list[Sensor], day: int) -> list[tuple[int, Message]]:
        """One message for each way of being unreadable, an hour apart; the last one is the first one again."""
        sensor = next((sensor for sensor in alone if sensor.time == "rfc3339"), alone[0])
        metric = next(iter(sensor.channels))
        topic = f"city/{sensor.district}/{sensor.kind}/{sensor.id}"
        now = time_text(day + HOUR, sensor.time)
        ahead, long_ago = time_text(day + 2 * DAY, sensor.time), time_text(day - MONTH, sensor.time)
        nobody = f"city/{sensor.district}/{sensor.kind}/{sensor.kind}-nobody"
        bad: list[tuple[str, str, str, int]] = [
            ("not_json", topic, f'{{"ts":{now},"values":', -1),
            ("unknown_sensor", nobody, f'{{"ts":{now},"values":{{"{metric}":1}}}}', -1),
            ("topic_mismatch", topic, f'{{"sensor":"{sensor.id}-2","ts":{now},"values":{{"{metric}":1}}}}', -1),
            ("duplicate_key", topic, f'{{"ts":{now},"values":{{"{metric}":1,"{metric}":2}}}}', -1),
            ("not_a_number", topic, f'{{"ts":{now},"values":{{"{metric}":"high"}}}}', 0),
            ("unknown_metric", topic, f'{{"ts":{now},"values":{{"happiness":9}}}}', 0),
            ("bad_time", topic, f'{{"ts":"this morning","values":{{"{metric}":1}}}}', -1),
            ("missing_field", topic, f'{{"values":{{"{metric}":1}}}}', -1),
            ("wrong_shape", topic, f'{{"ts":{now},"values":[1]}}', -1),
            ("too_far_ahead", topic, f'{{"ts":{ahead},"values":{{"{metric}":1}}}}', -1),
            ("too_old", topic, f'{{"ts":{long_ago},"values":{{"{metric}":1}}}}', -1),
            ("empty", topic, "", -1),
            ("not_json", topic, f'{{"ts":{now},"values":', -1),
        ]
        return [
            (day + (hour + 1) * HOUR, Message(where, payload.encode(), (), ((code, index),)))
            for hour, (code, where, payload, index) in enumerate(bad)
        ]

    @staticmethod
    def _strange_gateway(sensors: list[Sensor], day: int) -> list[tuple[int, Message]]:
        """A gateway that speaks for a sensor of another one in its own district."""
        for sensor in sensors:
            for other in sensors:
                if sensor.gateway and other.gateway not in ("", sensor.gateway) and other.district == sensor.district:
                    metric = next(iter(sensor.channels))
                    now = time_text(day + 6 * HOUR, sensor.time)
                    said = f'[{{"sensor":"{sensor.id}","ts":{now},"values":{{"{metric}":1}}}}]'
                    topic = f"city/{other.district}/gateway/{other.gateway}"
                    return [(day + 6 * HOUR, Message(topic, said.encode(), (), (("gateway_mismatch", 0),)))]
        return []
