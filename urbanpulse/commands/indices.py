"""Commands about the standards that a city is judged by."""

from pathlib import Path
from typing import Annotated

import typer

from urbanpulse.trouble import TroubleError


def aqi_year(
    folder: Annotated[Path, typer.Argument(help="Recorded hours: one CSV or CSV.GZ a station.")],
    year: Annotated[int, typer.Option(min=1900, max=9999)] = 2014,
) -> None:
    """A year of hours in both editions of the Chinese air quality index, as a table: days per level, station by
    station."""
    from urbanpulse.aqi_year import rows, table

    try:
        found = list(rows(folder, year))
    except (OSError, ValueError) as error:
        raise TroubleError(str(error)) from None
    print(table(found))
    typer.echo(f"\nslowest station-year: {max(row.seconds for row in found):.2f} s of CPU", err=True)


COMMANDS = (aqi_year,)
