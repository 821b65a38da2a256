"""sensors.csv: what is read, and what each mistake is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.registry import OPTIONAL, REQUIRED, parse_registry
from rules.sensor import Calibration, Channel, Sensor

HEADER = "id,kind,department,district,lat,lon,metrics,interval,time,gateway,calibration"
ROW = "a-1,air,environment,north,48.85,2.35,pm25=mg/m3 co,60s,s,gw-1,pm25 2026-01-01 gain 1.05 offset -2"
DAY = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def test_a_good_row() -> None:
    sensors, faults = parse_registry(f"{HEADER}\n{ROW}\n", "sensors.csv")
    assert faults == []
    channels = {
        "pm25": Channel("mg/m3", 1000.0, 0.0, (Calibration(DAY, 1.05, -2.0),)),
        "co": Channel("mg/m3"),
    }
    expected = Sensor("a-1", "air", "environment", "north", 48.85, 2.35, channels, 60_000, "s", "gw-1")
    assert sensors == {"a-1": expected}
    assert sensors["a-1"].line == 2


def test_the_last_three_columns_may_be_left_out_and_order_is_free() -> None:
    text = "lon,lat,id,kind,department,district,interval,metrics\n2,48,a,air,env,north,5min,pm25\n"
    sensors, faults = parse_registry(text, "s.csv")
    assert faults == []
    sensor = sensors["a"]
    assert (sensor.lat, sensor.lon, sensor.time, sensor.gateway, sensor.interval) == (48.0, 2.0, "rfc3339", "", 300_000)


def test_quotes_spaces_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    text = f'\ufeff{HEADER}\r\n"a", air ,env,north,48,2,"pm25 co",60s,,,\r\n'
    sensors, faults = parse_registry(text, "s.csv")
    assert faults == []
    assert list(sensors["a"].channels) == ["pm25", "co"]


@pytest.mark.parametrize(
    ("cell", "steps"),
    [
        ("", ()),
        ("pm25 2026-01-01 gain 2", (Calibration(DAY, 2.0, 0.0),)),
        ("pm25 2026-01-01 offset 1e-1", (Calibration(DAY, 1.0, 0.1),)),
        ("pm25 2026-01-01T01:00:00+01:00 gain 2", (Calibration(DAY, 2.0),)),
        ("pm25 2025-12-31t23:59:59.5z gain 2", (Calibration(DAY - 500, 2.0),)),
        ("pm25 2024-02-29 offset 3 gain 2", (Calibration(1_709_164_800_000, 2.0, 3.0),)),
        (
            "pm25 2026-01-01 gain 2; pm25 2026-01-02 gain 3;",
            (Calibration(DAY, 2.0), Calibration(DAY + 86_400_000, 3.0)),
        ),
    ],
)
def test_calibrations(cell: str, steps: tuple[Calibration, ...]) -> None:
    sensors, faults = parse_registry(f"{HEADER}\na,air,env,north,48,2,pm25,60s,,,{cell}", "s.csv")
    assert faults == []
    assert sensors["a"].channels["pm25"].calibrations == steps


def row(**cells: str) -> str:
    values = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | cells
    return f"{HEADER}\n{','.join(values.values())}\n"


FORM = "write it as: pm25 2026-01-01 gain 1.05 offset -2"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (row(id=""), "s.csv:2: id: is empty"),
        (row(id="a 1"), "s.csv:2: id: 'a 1' is not a name. use letters, digits and . _ : -, a letter or digit first"),
        (row(id="x" * 65), "is not a name"),
        (row(kind="#"), "s.csv:2: kind: '#' is not a name"),
        (row(gateway="+"), "s.csv:2: gateway: '+' is not a name"),
        (row(gateway="a-1"), "s.csv:2: gateway: a sensor cannot be its own gateway. leave the cell empty"),
        (row(lat="91", lon="100"), "s.csv:2: lat: 91 is not between -90 and 90"),
        (row(lat="120.5", lon="48"), "s.csv:2: lat: 120.5 is not between -90 and 90. are lat and lon swapped?"),
        (row(lon="-180.5"), "s.csv:2: lon: -180.5 is not between -180 and 180"),
        (row(lat="north"), "s.csv:2: lat: 'north' is not a number of degrees. write it as 48.8566, with a point"),
        (row(lat="nan"), "s.csv:2: lat: 'nan' is not a number of degrees"),
        (row(lon="inf"), "s.csv:2: lon: 'inf' is not a number of degrees"),
        (row(lat="4_8"), "s.csv:2: lat: '4_8' is not a number of degrees"),
        (row(lat=""), "s.csv:2: lat: '' is not a number of degrees"),
        (row(interval="60"), "s.csv:2: interval: '60' is not a length of time. write a whole number and ms, s, min"),
        (row(interval="0s"), "s.csv:2: interval: must be longer than nothing"),
        (row(time="rfc3338"), "s.csv:2: time: unknown: 'rfc3338'. did you mean 'rfc3339'?"),
        (row(time="min"), "s.csv:2: time: unknown: 'min'. one of: ms, rfc3339, s"),
        (row(metrics=""), "s.csv:2: metrics: no metric. write metrics as pm25=ug/m3 co=ppm, or pm25 alone"),
        (row(metrics="pm2.5"), "s.csv:2: metrics: unknown metric 'pm2.5'. did you mean 'pm25'?"),
        (row(metrics="pm25=ugm3"), "s.csv:2: metrics: unknown unit 'ugm3' for pm25. did you mean 'ug/m3'?"),
        (row(metrics="pm25="), "s.csv:2: metrics: unknown unit '' for pm25. one of: mg/m3"),
        (row(metrics="pm25 pm25"), "s.csv:2: metrics: pm25 is there twice"),
        (
            row(calibration="pm10 2026-01-01 gain 2"),
            "calibration: 'pm10' is not a metric of this sensor. one of: co, pm25",
        ),
        (row(calibration="pm25"), f"calibration: 'pm25' is not a calibration. {FORM}"),
        (row(calibration="pm25 2026-02-30 gain 2"), f"'pm25 2026-02-30 gain 2' is not a calibration. {FORM}"),
        (row(calibration="pm25 20260101 gain 2"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01T25:00:00Z gain 2"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01T00:00:00 gain 2"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01 gain"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01 gain x"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01 gain nan"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01 gain 1_0"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01 gain 0"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01 gain 1 gain 2"), "is not a calibration"),
        (row(calibration="pm25 2026-01-01 gian 1"), "is not a calibration"),
        (
            row(calibration="pm25 2026-01-02 gain 2; pm25 2026-01-01 gain 3"),
            "calibration: 'pm25 2026-01-01 gain 3' is not later than the one before it. oldest first, each date once",
        ),
        (f"{HEADER}\n{ROW}\n{ROW}\n", "s.csv:3: id: 'a-1' is already in line 2"),
        (f"{HEADER}\n{ROW}\n,,,,,,,,,,\n", "s.csv:3: an empty row. delete the line"),
        (f"{HEADER}\n\n{ROW}\n", "s.csv:2: an empty row. delete the line"),
        (f"{HEADER}\na,b\n", "s.csv:2: 2 cells, the header has 11"),
        (f"{HEADER.replace('lat', 'latt')}\n", "s.csv:1: latt: unknown column. did you mean 'lat'?"),
        (f"{HEADER.replace('lat', 'latt')}\n", "s.csv:1: lat: the column is missing. the columns are id,kind,"),
        (f"{HEADER},lat\n", "s.csv:1: lat: the column is there twice"),
        (f"{HEADER}\n", "s.csv: there is no sensor in it"),
        ("", "s.csv: the file is empty. the first line is id,kind,department"),
        (f'{HEADER}\n"a"b,\n', "s.csv:2: not CSV: "),
        (f'{HEADER}\n"a\n', "s.csv:2: not CSV: "),
    ],
)
def test_each_mistake_is_told_with_its_place(text: str, fault: str) -> None:
    found = [str(each) for each in parse_registry(text, "s.csv")[1]]
    assert any(fault in each for each in found), found


def test_all_mistakes_of_a_row_are_told_at_once() -> None:
    text = row(id="?", lat="x", interval="1", time="y", metrics="z", gateway="!")
    assert [fault.key for fault in parse_registry(text, "s.csv")[1]] == [
        "gateway",
        "id",
        "interval",
        "lat",
        "metrics",
        "time",
    ]


def test_a_row_after_one_that_spans_lines_still_knows_its_line() -> None:
    text = f'{HEADER}\n"a\nb",air,env,north,48,2,pm25,60s,,,\nc,air,env,north,48,2,pm25,60s,,,\n'
    sensors, faults = parse_registry(text, "s.csv")
    assert sensors["c"].line == 4
    assert [fault.line for fault in faults] == [2]


def test_the_columns_are_named_once() -> None:
    assert (*REQUIRED, *OPTIONAL) == (*HEADER.split(","), "free_flow", "group", "downstream", "status")


@given(st.text(st.sampled_from('a1,"\n\r;=- gain.25\u00e9\x00'), max_size=50))
@settings(max_examples=100, deadline=None)
def test_no_text_raises(text: str) -> None:
    assert parse_registry(text, "s.csv")[0] == {}
    parse_registry(f"{HEADER}\n{text}", "s.csv")
    parse_registry(row(calibration=text.replace(",", "")), "s.csv")
    parse_registry(row(metrics=text.replace(",", "")), "s.csv")


@pytest.mark.parametrize(("cell", "speed"), [("", 0.0), ("80", 80.0), ("52.5", 52.5)])
def test_the_speed_of_an_empty_road(cell: str, speed: float) -> None:
    sensors, faults = parse_registry(f"{HEADER},free_flow\na,traffic,env,north,48,2,speed,60s,,,,{cell}", "s.csv")
    assert not faults and sensors["a"].free_flow == speed


@pytest.mark.parametrize("cell", ["0", "-5", "fast", "1e9", "nan", "1_0"])
def test_a_speed_that_is_none(cell: str) -> None:
    _, faults = parse_registry(f"{HEADER},free_flow\na,traffic,env,north,48,2,speed,60s,,,,{cell}", "s.csv")
    assert [str(fault) for fault in faults] == [
        f"s.csv:2: free_flow: {cell!r} is not a speed. write km/h as 60, or leave the cell empty"
    ]


def test_no_sensor_measures_what_the_judge_makes() -> None:
    _, faults = parse_registry(f"{HEADER}\na,air,env,north,48,2,pm25 aqi_cn,60s,,,", "s.csv")
    [fault] = map(str, faults)
    assert "aqi_cn is made by the judge, no sensor measures it" in fault


AREAS = "id,kind,department,district,lat,lon,metrics,interval,group,downstream,status"


def area_row(name: str, cells: str) -> str:
    return f"{name},air,env,north,48,2,pm25,60s,{cells}\n"


def test_what_area_rules_want_to_know() -> None:
    text = f"{AREAS}\n{area_row('a', 'ring,c b,')}{area_row('b', ',,maintained')}{area_row('c', 'ring,,active')}"
    sensors, faults = parse_registry(text, "s.csv")
    assert not faults
    found = [(each.group, each.downstream, each.status) for each in sensors.values()]
    assert found == [("ring", ("b", "c"), "active"), ("", (), "maintained"), ("ring", (), "active")]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ("old town,,", "s.csv:2: group: 'old town' is not a name"),
        (",x y z,", "s.csv:2: downstream: there is no sensor 'x'"),
        (",a,", "s.csv:2: downstream: a sensor is not downstream of itself"),
        (",b b,", "s.csv:2: downstream: a sensor is there twice"),
        (",b;c,", "s.csv:2: downstream: 'b;c' is not a name. sensor ids with spaces between them"),
        (",,broken", "s.csv:2: status: unknown: 'broken'. one of: active, maintained, quarantined"),
    ],
)
def test_a_mistake_in_them(cells: str, wanted: str) -> None:
    _, faults = parse_registry(f"{AREAS}\n{area_row('a', cells)}{area_row('b', ',,')}", "s.csv")
    assert str(faults[0]).startswith(wanted)
