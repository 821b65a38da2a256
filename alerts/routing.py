"""From a finding to those who are told of it. Pure: what is known of the past is an argument."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from alerts.departments import Channel, Department
from rules.finding import Finding


class Why(StrEnum):
    """Why a channel is told of a finding, or is not."""

    EVERYTHING = "the channel takes every severity"
    SEVERITY = "the channel takes this severity"
    FOLLOWING = "it was told of this alert before, so it hears the end"
    NOT_WANTED = "the channel does not take this severity"


def why_tell(channel: Channel, finding: Finding, *, told: bool) -> Why:
    """`told`: this channel has heard of the alert before.

    The severity that an alert leaves counts as well as the one it takes on: who wanted to know of red also hears
    that it is red no more. So does one that it turns out to have had.
    """
    if not channel.severities:
        return Why.EVERYTHING
    came_to_light = {severity for _, severity in finding.after.steps} if finding.after is not None else set()
    if channel.severities & {finding.severity, finding.was, *came_to_light}:
        return Why.SEVERITY
    return Why.FOLLOWING if told else Why.NOT_WANTED


def departments_of(finding: Finding) -> tuple[str, ...]:
    """The departments that get an alert of their own, each once, in the order of the finding."""
    return tuple(dict.fromkeys(finding.departments))


def channels_of(
    finding: Finding, department: str, departments: Mapping[str, Department], told: Collection[str]
) -> list[Channel]:
    """The channels of a department that are told of a finding. `told`: endpoints that know of the alert already.
    A department that the city does not have has none: its alert is on the board all the same."""
    known = departments.get(department)
    if known is None:
        return []
    return [
        channel
        for channel in known.channels
        if why_tell(channel, finding, told=channel.endpoint in told) is not Why.NOT_WANTED
    ]
