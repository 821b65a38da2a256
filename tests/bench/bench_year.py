"""What a year of a station costs: 8,760 hourly and 365 daily reports of the Chinese index in both editions, beside the
same reports by aqi-hub, which computes in doubles and asks of no mean whether enough was measured.

The issue's bar is a station-year in less than a second. Run as a script; the last line is JSON.
"""

import argparse
import json
import random
import statistics
import time

from rules.indices.china_tables import HJ633_2012, HJ633_2026
from rules.indices.station_year import days

USUAL = {"so2": 12.0, "no2": 45.0, "co": 1.1, "o3": 70.0, "pm10": 95.0, "pm25": 70.0}
HOURS = 8_760


def year(dice: random.Random) -> dict[str, list[float | None]]:
    """Hourly means as stations report them, a fiftieth of them missing."""
    return {
        name: [
            None if dice.random() < 0.02 else round(usual * dice.lognormvariate(-0.2, 0.6), 1 if name == "co" else 0)
            for _ in range(HOURS)
        ]
        for name, usual in USUAL.items()
    }


def peer(hours: dict[str, list[float | None]]) -> int | None:
    """CPU time (ms) of aqi-hub for reports of the newest edition it knows; None where it is not installed."""
    try:
        from aqi_hub.aqi_cn.aqi import cal_iaqi_cn  # type: ignore[import-not-found]
    except ImportError:
        return None
    begun = time.process_time()
    for hour in range(HOURS):
        max(
            cal_iaqi_cn(f"{name}_1h".upper(), value)
            for name, values in hours.items()
            if (value := values[hour]) is not None
        )
    for start in range(0, HOURS, 24):
        found = []
        for name, values in hours.items():
            known = [value for value in values[start : start + 24] if value is not None]
            if name == "o3":
                eights = [
                    [one for one in values[end - 8 : end] if one is not None] for end in range(start + 8, start + 25)
                ]
                found.append(cal_iaqi_cn("O3_8H", round(max(statistics.fmean(part) for part in eights if part))))
            else:
                found.append(
                    cal_iaqi_cn(f"{name}_24h".upper(), round(statistics.fmean(known), 1 if name == "co" else None))
                )
        max(found)
    return round((time.process_time() - begun) * 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    hours = year(random.Random(7))
    spent: dict[str, list[int]] = {"2026": [], "2012": []}
    theirs: list[int] = []
    for _ in range(options.rounds):
        for edition in (HJ633_2026, HJ633_2012):
            begun = time.process_time()
            made = sum(1 + len(day.hourly) for day in days(edition, hours))
            assert made == 365 * 25
            spent[edition.source.edition].append(round((time.process_time() - begun) * 1000))
        if (took := peer(hours)) is not None:
            theirs.append(took)
    print(f"ours {spent}, aqi-hub {theirs or 'not installed'}, ms of CPU")
    line: dict[str, object] = {
        "name": "a station-year of the Chinese index",
        "ours": round(statistics.median(spent["2026"]) / 1000, 3),
        "ours_2012": round(statistics.median(spent["2012"]) / 1000, 3),
        "unit": "s of CPU for 8,760 hourly and 365 daily reports",
    }
    if theirs:
        line |= {"peer": round(statistics.median(theirs) / 1000, 3), "peer_name": "aqi-hub"}
    print(json.dumps(line))


if __name__ == "__main__":
    main()
