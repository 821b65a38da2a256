"""Recorded files become sensors and values: on small made files, and on the real ones where they are."""

import csv
import gzip
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.contract import Contract
from rules.faults import FaultsError
from rules.registry import parse_registry
from simulators import maps
from simulators.mapfile import Map, load_map
from simulators.message import Step
from simulators.recorded import registry_rows, values
from simulators.replay import message, replay, steps
from simulators.settings import MqttSettings, ReplaySettings
from tests.support.mqtt_stub import MqttStub

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
BEIJING = ZoneInfo("Asia/Shanghai")
HEADER = "No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station"
HOUR = 3_600_000

needs_beijing = pytest.mark.skipif(not (DATA / "beijing-air").exists(), reason="no shared data beside the project")
needs_metr = pytest.mark.skipif(not (DATA / "metr-la").exists(), reason="no shared data beside the project")


def named(name: str) -> Map:
    found, faults = load_map(maps.find(name).read_text(encoding="utf-8"), name)
    assert not faults
    assert found is not None
    return found


def ms(zone: str, *parts: int) -> int:
    return round(datetime(*parts, tzinfo=ZoneInfo(zone)).timestamp() * 1000)  # type: ignore[arg-type,misc]


def station(folder: Path, name: str, *rows: str, header: str = HEADER) -> Path:
    file = folder / f"{name}.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def test_a_station_nobody_has_heard_of_works_without_an_edit(tmp_path: Path) -> None:
    file = station(
        tmp_path, "x",
        '1,2013,3,1,0,4,8,NA,7,300,77,-0.7,1023,-18.8,0,"NNW",4.4,"Newtown"',
        '2,2013,3,1,1,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,"Newtown"',
        '3,2013,3,1,2,5,9,1,8,1200,70,-1,1022.5,-18,0.3,"E",3,"Newtown"',
    )  # fmt: skip
    found = list(values(named("beijing-air"), [file]))
    first = ms("Asia/Shanghai", 2013, 3, 1)
    assert [(at, sensor) for at, sensor, _ in found] == [(first, "Newtown"), (first + 2 * HOUR, "Newtown")]
    assert found[0][2] == {
        "pm25": 4.0, "pm10": 8.0, "no2": 7.0, "co": 300.0, "o3": 77.0, "temperature": -0.7, "pressure": 1023.0,
        "dew_point": -18.8, "rain": 0.0, "wind_direction": 337.5, "wind_speed": 4.4,
    }  # fmt: skip
    sensors, faults = parse_registry(registry_rows(named("beijing-air"), [file]), "x")
    assert not faults
    assert list(sensors) == ["Newtown"]
    newtown = sensors["Newtown"]
    assert (newtown.kind, newtown.district, newtown.interval) == ("air", "beijing", HOUR)
    assert newtown.channels["co"].scale == pytest.approx(0.001)
    assert (newtown.lat, newtown.lon) == (39.93, 116.39)


def test_files_are_merged_in_the_order_of_time_and_may_be_packed_or_unsorted(tmp_path: Path) -> None:
    a = station(tmp_path, "a", *[f'1,2013,3,1,{h},4,8,1,7,300,77,-0.7,1023,-18.8,0,"N",4.4,"A"' for h in (2, 0, 1)])
    b = tmp_path / "b.csv.gz"
    b.write_bytes(gzip.compress(a.read_bytes().replace(b'"A"', b'"B"')))
    found = [(at, sensor) for at, sensor, _ in values(named("beijing-air"), [b, a])]
    assert found == sorted(found)
    assert [sensor for _, sensor in found] == ["A", "B"] * 3


def test_a_span_of_time_is_half_open(tmp_path: Path) -> None:
    rows = [f'1,2013,3,1,{h},4,8,1,7,300,77,-0.7,1023,-18.8,0,"N",4.4,"A"' for h in range(6)]
    file, start = station(tmp_path, "a", *rows), ms("Asia/Shanghai", 2013, 3, 1)
    found = [at for at, _, _ in values(named("beijing-air"), [file], start + HOUR, start + 3 * HOUR)]
    assert found == [start + HOUR, start + 2 * HOUR]


WIDE = "101,102,103\n60.5,0,61\n0,0,0\n\n62.25,63,NA\n"


def test_a_column_may_be_a_sensor(tmp_path: Path) -> None:
    file = tmp_path / "speed.csv"
    file.write_text(WIDE)
    (tmp_path / "sensor_locations.csv").write_text("index,sensor_id,latitude,longitude\n0,101,34.5,-118.25\n")
    start = ms("America/Los_Angeles", 2012, 3, 1)
    assert list(values(named("metr-la"), [file])) == [
        (start, "101", {"speed": 60.5}),
        (start, "103", {"speed": 61.0}),
        (start + 600_000, "101", {"speed": 62.25}),
        (start + 600_000, "102", {"speed": 63.0}),
    ]
    sensors, faults = parse_registry(registry_rows(named("metr-la"), [file]), "x")
    assert not faults
    assert {id_: (s.lat, s.lon) for id_, s in sensors.items()} == {
        "101": (34.5, -118.25), "102": (34.1, -118.32), "103": (34.1, -118.32),
    }  # fmt: skip
    assert sensors["101"].channels["speed"].scale == pytest.approx(1.609344)


OWN = """\
layout: rows
sensor: "own-{file}"
kind: noise
district: town
department: environment
interval: 1h
place: {lat: 1, lon: 2}
time: {column: when}
zone: Europe/Berlin
missing: [""]
delimiter: ";"
columns:
  level: {metric: noise, unit: dB(A)}
"""


def own(text: str = OWN) -> Map:
    found, faults = load_map(text, "own.yaml")
    assert not faults
    assert found is not None
    return found


def test_the_hour_that_comes_twice_in_autumn_is_two_hours(tmp_path: Path) -> None:
    file = tmp_path / "m1.csv"
    hours = ["2025-10-26 01:00", "2025-10-26 02:00", "2025-10-26 02:00", "2025-10-26 03:00"]
    file.write_text("\ufeffwhen;level\n" + "".join(f"{hour};50\n" for hour in hours), encoding="utf-8")
    found = list(values(own(), [file]))
    assert [at for at, _, _ in found] == [found[0][0] + n * HOUR for n in range(4)]
    assert {sensor for _, sensor, _ in found} == {"own-m1"}


def test_times_with_an_offset_of_their_own_are_taken_at_their_word(tmp_path: Path) -> None:
    file = tmp_path / "m1.csv"
    file.write_text("when;level\n2025-10-26T01:00:00Z;50\n2025-10-26T03:30:00+02:00;51\n")
    assert [at for at, _, _ in values(own(), [file])] == [1_761_440_400_000, 1_761_442_200_000]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 0, "empty"),
        ("when;lvl\n2025-10-26 01:00;50\n", 1, "did you mean 'lvl'"),
        ("when;level;level\n2025-10-26 01:00;50;50\n", 1, "twice"),
        ("when;level\n2025-10-26 01:00;loud\n", 2, "loud"),
        ("when;level\n2025-10-26 01:00;nan\n", 2, "not a finite number"),
        ("when;level\n2025-10-26 01:00;50\n2025-13-26 02:00;50\n", 3, "month"),
        ("when;level\n2025-10-26 01:00;50;60\n", 2, "3 cells"),
    ],
)
def test_a_fault_in_a_file_is_named_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    file = tmp_path / "m1.csv"
    file.write_text(text)
    with pytest.raises(FaultsError, match=says) as error:
        list(values(own(), [file]))
    assert error.value.faults[0].line == line
    assert error.value.faults[0].file == str(file)


def test_files_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(gzip.compress(b"when;level\n" + b"2025-10-26 01:00;50\n" * 999)[:-20])
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"when;level\n\xff\xfe;50\n")
    for file in (tmp_path / "missing.csv", broken, binary):
        with pytest.raises(FaultsError, match="cannot be read"):
            list(values(own(), [file]))


def test_a_name_that_cannot_be_an_id_is_a_fault(tmp_path: Path) -> None:
    text = OWN.replace("own-{file}", "{who}")
    file = tmp_path / "m1.csv"
    file.write_text("when;level;who\n2025-10-26 01:00;50;Marie Curie\n")
    with pytest.raises(FaultsError, match="cannot be a sensor's id"):
        list(values(own(text), [file]))
    wide = tmp_path / "w.csv"
    wide.write_text("1,a b\n1,2\n")
    with pytest.raises(FaultsError, match="cannot be a sensor's id"):
        list(values(named("metr-la"), [wide]))


def test_a_value_that_cannot_be_is_counted_as_refused_and_the_contract_agrees(tmp_path: Path) -> None:
    file = station(tmp_path, "x", '1,2013,3,1,0,-999,8,5,7,300,77,99,1023,-18.8,0,"NNW",4.4,"Newtown"')
    sensors, _ = parse_registry(registry_rows(named("beijing-air"), [file]), "x")
    ((at, sensor, said),) = values(named("beijing-air"), [file])
    this = message(sensors[sensor], at, said)
    outcome = Contract(sensors).read(this.topic, this.payload, at, at)
    assert {(r.code.value, r.index) for r in outcome.refusals} == set(this.refusals)
    assert len(this.refusals) == 2
    assert {r.metric for r in outcome.readings} == set(this.readings[0][2])


def test_a_gap_is_leapt_over_and_the_clock_goes_on_at_the_end(tmp_path: Path) -> None:
    rows = [f'1,2013,3,{d},{h},4,8,1,7,300,77,-0.7,1023,-18.8,0,"N",4.4,"A"' for d, h in ((1, 0), (1, 1), (9, 5))]
    file = station(tmp_path, "a", *rows)
    sensors, _ = parse_registry(registry_rows(named("beijing-air"), [file]), "x")
    found: list[Step] = list(steps(named("beijing-air"), sensors, values(named("beijing-air"), [file])))
    start = ms("Asia/Shanghai", 2013, 3, 1)
    ends = [start + HOUR, start + 2 * HOUR, start + (8 * 24 + 6) * HOUR]
    assert [step.end for step in found] == [*ends, ends[-1] + 600_000]
    assert [step.next for step in found] == [*ends[1:], ends[-1] + 600_000, ends[-1] + 600_000]
    assert [len(step.messages) for step in found] == [1, 1, 1, 0]


def test_a_replay_publishes_all_of_it_and_keeps_to_its_speed(tmp_path: Path) -> None:
    rows = [f'1,2013,3,1,{h},4,8,1,7,300,77,-0.7,1023,-18.8,0,"N",4.4,"A"' for h in range(20)]
    file, stub = station(tmp_path, "a", *rows), MqttStub()
    mqtt, map_file = MqttSettings(port=stub.port), maps.find("beijing-air")
    result = tmp_path / "r.json"
    published = replay(ReplaySettings(mqtt, (file,), map_file, speed=144_000.0, result=result), lambda text: None)
    assert published.complete
    assert published.received == 20 * 12
    assert published.refused == {}
    assert 0.45 < published.wall_seconds < 3.0
    assert (published.start, published.end) == (ms("Asia/Shanghai", 2013, 3, 1), ms("Asia/Shanghai", 2013, 3, 1, 20))
    assert result.exists()
    whole = {got.topic for got in stub.got}
    assert whole == {"urbanpulse/clock", "city/beijing/air/A"}
    stub.stop()
    with pytest.raises(FaultsError, match="hold no value"):
        replay(ReplaySettings(mqtt, (file,), map_file, since=published.end), lambda text: None)
    bad = tmp_path / "bad.yaml"
    bad.write_text("layout: rows\n")
    with pytest.raises(FaultsError, match="is missing"):
        replay(ReplaySettings(mqtt, (file,), bad), lambda text: None)


@needs_beijing
def test_a_month_of_two_real_stations_comes_through_the_contract_as_it_stands_in_the_files() -> None:
    """Against a reading of the files of this test's own, column by column."""
    files = [DATA / "beijing-air" / f"{name}.csv.gz" for name in ("Dongsi", "Dingling")]
    since, until = ms("Asia/Shanghai", 2014, 1, 1), ms("Asia/Shanghai", 2014, 2, 1)
    sensors, faults = parse_registry(registry_rows(named("beijing-air"), files), "x")
    assert not faults
    assert (sensors["Dongsi"].lat, sensors["Dongsi"].lon) == (39.929, 116.417)
    contract, said = Contract(sensors), {}
    for at, sensor, found in values(named("beijing-air"), files, since, until):
        this = message(sensors[sensor], at, found)
        outcome = contract.read(this.topic, this.payload, at, at)
        assert not outcome.refusals
        said |= {(r.sensor, r.metric, r.ts): r.value for r in outcome.readings}
    columns = {"PM2.5": ("pm25", 1.0), "CO": ("co", 0.001), "TEMP": ("temperature", 1.0), "RAIN": ("rain", 1.0),
               "PRES": ("pressure", 1.0), "WSPM": ("wind_speed", 1.0), "O3": ("o3", 1.0)}  # fmt: skip
    checked = 0
    for file in files:
        with gzip.open(file, "rt") as text:
            for row in csv.DictReader(text):
                if (row["year"], row["month"]) != ("2014", "1"):
                    continue
                at = ms("Asia/Shanghai", 2014, 1, int(row["day"]), int(row["hour"]))
                for column, (metric, factor) in columns.items():
                    found_value = said.get((row["station"], metric, at))
                    if row[column] == "NA":
                        assert found_value is None
                    else:
                        assert found_value == pytest.approx(float(row[column]) * factor, rel=1e-12)
                        checked += 1
    assert checked > 9_000
    assert len(said) > 16_000


@needs_metr
def test_a_day_of_real_detectors_comes_through_the_contract_as_it_stands_in_the_file() -> None:
    file = DATA / "metr-la" / "speed.csv.gz"
    since, until = ms("America/Los_Angeles", 2012, 3, 2), ms("America/Los_Angeles", 2012, 3, 3)
    sensors, faults = parse_registry(registry_rows(named("metr-la"), [file]), "x")
    assert not faults
    assert len(sensors) == 207
    assert (sensors["773869"].lat, sensors["773869"].lon) == (34.15497, -118.31829)
    contract, said = Contract(sensors), {}
    for at, sensor, found in values(named("metr-la"), [file], since, until):
        this = message(sensors[sensor], at, found)
        (reading,) = contract.read(this.topic, this.payload, at, at).readings
        said[reading.sensor, reading.ts] = reading.value
    with gzip.open(file, "rt") as text:
        lines = list(csv.reader(text))
    expected = {
        (sensor, since + n * 300_000): float(cell) * 1.609344
        for n, row in enumerate(lines[1 + 288 : 1 + 576])
        for sensor, cell in zip(lines[0], row, strict=True)
        if float(cell) != 0.0
    }
    assert said.keys() == expected.keys()
    assert all(said[key] == pytest.approx(value, rel=1e-12) for key, value in expected.items())
    assert len(said) > 55_000
