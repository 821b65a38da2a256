"""What may stand in an address: each parameter with its limits, shared by pages and API. A value outside them is
answered with 400 and the reason, before any store is asked."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path, Query

from rules.sensor import ID

PAGE = 50
LAST_PAGE = 10_000
NAME_LIMIT = 64
# Names of severities, departments, districts and kinds: one line, short.
_WORD = r"^[^\x00-\x1f\x7f]{0,64}$"

AlertId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 hexadecimal digits")]
SilenceNumber = Annotated[int, Path(ge=1, le=2**63 - 1, description="the number of a silence")]
SensorId = Annotated[str, Path(pattern=f"^{ID.pattern}$", description="the sensor's id in the registry")]
SensorWord = Annotated[str, Query(pattern=f"^({ID.pattern})?$", description="only this sensor")]
Word = Annotated[str, Query(pattern=_WORD)]
Page = Annotated[int, Query(ge=1, le=LAST_PAGE, description="counts from 1")]
Instant = Annotated[int | None, Query(ge=0, le=253_402_214_400_000, description="ms since the epoch")]
Since = Annotated[int, Query(ge=0, le=2**63 - 1, description="changes after this number")]


def address(path: str, **parameters: str | int | None) -> str:
    """`path` with those parameters that say something, in the order given.

    >>> address("/sensors", kind="air", text="", page=2)
    '/sensors?kind=air&page=2'
    """
    said = {name: value for name, value in parameters.items() if value not in ("", None)}
    return f"{path}?{urlencode(said)}" if said else path
