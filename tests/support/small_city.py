"""The sample city with a part of its sensors: every rule still has something to watch, and a day is played fast."""

import csv
import shutil
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "deploy" / "sample-city"


def small_city(folder: Path, keep: int = 6) -> Path:
    """A city in `folder` with every `keep`-th sensor of each kind."""
    shutil.copytree(SAMPLE, folder)
    with (SAMPLE / "sensors.csv").open(newline="") as file:
        table = csv.DictReader(file)
        names, rows = list(table.fieldnames or ()), list(table)
    seen: dict[str, int] = {}
    kept = []
    for row in rows:
        number = seen[row["kind"]] = seen.get(row["kind"], -1) + 1
        if number % keep == 0:
            kept.append(row)
    for row in kept:
        if row["downstream"]:  # the next one that is left is the next one downstream
            later = [each["id"] for each in kept if each["kind"] == row["kind"] and each["id"] > row["id"]]
            row["downstream"] = later[0] if later else ""
    with (folder / "sensors.csv").open("w", newline="") as file:
        out = csv.DictWriter(file, names, lineterminator="\n")
        out.writeheader()
        out.writerows(kept)
    return folder
