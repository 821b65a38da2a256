"""The command line. Each command imports what it needs when it is called, so that none waits for the others."""

import os
import sys

import typer

from rules.faults import FaultsError
from urbanpulse.commands import ask, author, endpoints, indices, look, operate, publish, silences
from urbanpulse.trouble import TroubleError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A city's sensors over MQTT into Kafka, through rules, into a time series, and out as signed webhooks.",
)
for module in (operate, look, endpoints, silences, publish, author, ask, indices):
    for command in module.COMMANDS:
        # A value may begin with a dash: only then is an unknown option no mistake.
        app.command(context_settings={"ignore_unknown_options": command is publish.send})(command)


def main() -> None:
    """What cannot be done is said in words, with status 1; a pipe that closed early is no fault."""
    try:
        app(prog_name="urbanpulse")
    except FaultsError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        count = len(error.faults)
        print(f"{count} fault{'s' * (count != 1)}; nothing was started", file=sys.stderr)
        sys.exit(1)
    except TroubleError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.exit(130)
