"""python -m urbanpulse.part NAME --run FOLDER: one part of a run, as its supervisor starts it.

Beside the command line, because that one's libraries would be in the memory of every part.
"""

import argparse
import os
import sys
from pathlib import Path

from rules.faults import FaultsError
from urbanpulse import deployment
from urbanpulse.lifeline import die_with_parent
from urbanpulse.parts import PARTS, run_part
from urbanpulse.run_folder import Run
from urbanpulse.trouble import TroubleError


def main() -> None:
    """What cannot be done is said in words, with status 1."""
    die_with_parent()
    words = argparse.ArgumentParser(prog="urbanpulse.part")
    words.add_argument("part", choices=PARTS)
    words.add_argument("--run", type=Path, required=True)
    words.add_argument("--bridge", default="")
    wanted = words.parse_args()
    try:
        run_part(wanted.part, deployment.of_run(Run(wanted.run.resolve()), os.environ), wanted.bridge)
    except (FaultsError, TroubleError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
