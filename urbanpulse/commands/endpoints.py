"""The command that looks after the departments' endpoints."""

from typing import Annotated

import typer

from urbanpulse.commands.common import CityArgument, RunOption
from urbanpulse.commands.look import deployment_of


def endpoints(
    city: CityArgument = None,
    run_: RunOption = None,
    enable: Annotated[str, typer.Option(help="Switch this endpoint on again: what waits is due at once.")] = "",
    retry: Annotated[str, typer.Option(help="Send again what was given up for this endpoint.")] = "",
) -> None:
    """Endpoints that are switched off because they answered 410, and the way back."""
    from urbanpulse.opened import desk_of
    from urbanpulse.trouble import TroubleError

    with desk_of(deployment_of(city, run_)) as desk:
        off = desk.disabled()
        if enable and not desk.enable(enable):
            raise TroubleError(f"{enable} is not switched off; switched off are: {', '.join(sorted(off)) or 'none'}")
        if enable:
            print(f"{enable}: on again")
        if retry:
            print(f"{retry}: {desk.retry_failed(retry)} messages are due again")
        if not enable and not retry:
            for name, why in sorted(off.items()):
                print(f"{name}: {why}")
            if not off:
                print("no endpoint is switched off")


COMMANDS = (endpoints,)
