"""The judge's two stages: sensors one by one, then areas. What each reads, and where its state is."""

from typing import NamedTuple

from streams.lanes import READINGS, SUMMARIES, lane
from streams.settings import JudgeSettings


class Stage(NamedTuple):
    """`place`: of its source among the topics that the judge reads. `records`: what the source is made of."""

    place: int
    source: str
    state: str
    records: str

    def lane(self, partition: int) -> int:
        return lane(self.place, partition)


def stages(settings: JudgeSettings) -> tuple[Stage, Stage]:
    """In the order of their places."""
    return (
        Stage(READINGS, settings.readings, settings.state, "frames"),
        Stage(SUMMARIES, settings.summaries, settings.area_state, "summaries"),
    )
