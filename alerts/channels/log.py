"""The log channel: a line in our own log. It cannot fail, so it is the one to have beside every other."""

import logging
from dataclasses import dataclass

import msgspec

from alerts.channels.port import COMMON, Message, Surroundings
from alerts.plain import plain
from rules.strict_yaml import Node

log = logging.getLogger("alerts.log")


@dataclass(frozen=True, slots=True)
class LogConfig:
    """It has no settings of its own."""


def parse(node: Node) -> LogConfig | None:
    return LogConfig() if node.fields(["kind"], COMMON) is not None else None


def build(config: LogConfig, surroundings: Surroundings) -> "LogChannel":
    return LogChannel()


class LogChannel:
    async def send(self, message: Message, now: int) -> None:
        told = msgspec.json.decode(message.body)
        data = told["data"]
        words = (told["type"], data["severity"] or data["was"], data["rule"], data["sensor"], data["text"])
        log.warning("%s", plain(f"{message.endpoint} {message.id} " + " | ".join(map(str, words))))

    async def close(self) -> None:
        pass
