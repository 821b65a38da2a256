"""Cross-checks against other people's programs, with every disagreement that we know.

They are test-only: `pip install -e '.[crosscheck]'`. Where a library is wrong, the test pins how wrong it is, so that
we hear of it when it is mended.
"""

import warnings
from fractions import Fraction

import pytest

from rules.indices.china_aqi import individual
from rules.indices.china_tables import HJ633_2012, HJ633_2026
from rules.indices.heat import heat_index, heat_index_f, wind_chill
from rules.indices.us_aqi import individual as us_individual

_GRID = [
    (item, Fraction(units, 10**scale.decimals))
    for item, scale in HJ633_2026.scales.items()
    if item != "so2_24h"
    for units in range(scale.points[-1][0] * 10**scale.decimals + 1)
]


def test_every_concentration_of_2026_against_aqi_hub() -> None:
    """aqi-hub 0.3.3 takes the ceiling of a double: one too many on a few concentrations, never another difference."""
    theirs = pytest.importorskip("aqi_hub.aqi_cn.aqi")
    wrong = []
    for item, concentration in _GRID:
        ours = individual(HJ633_2026, item, concentration)
        assert ours
        scale = HJ633_2026.scales[item]
        number = float(concentration) if scale.decimals else int(concentration)
        if (found := theirs.cal_iaqi_cn(item.upper(), number)) != ours.iaqi:
            assert found == ours.iaqi + 1, (item, concentration)
            wrong.append((item, number))
    assert ("co_24h", 2.2) in wrong
    assert ("co_1h", 65.4) in wrong
    assert len(wrong) < 40, wrong


def test_aqi_hub_copies_the_wrong_column_for_sulphur_dioxide() -> None:
    theirs = pytest.importorskip("aqi_hub.aqi_cn.aqi")
    for concentration, ours, copied in ((50, 50, 17), (475, 150, 97)):
        found = individual(HJ633_2026, "so2_24h", concentration)
        assert found
        assert found.iaqi == ours
        assert theirs.cal_iaqi_cn("SO2_24H", concentration) == copied


def test_the_us_index_against_aqi_hub() -> None:
    """aqi-hub cuts the index where the document rounds it, so it is one too low on about half of the concentrations;
    and it ends the scale of NO2 a band too early."""
    theirs = pytest.importorskip("aqi_hub.aqi_usa.aqi")
    lower = 0
    for item, decimals, last in (("pm25_24h", 1, 3253), ("pm10_24h", 0, 603), ("no2_1h", 0, 1248)):
        for concentration in (units / 10**decimals for units in range(last + 1)):
            found, ours = theirs.cal_iaqi_usa(concentration, item.upper()), us_individual(item, concentration)
            assert ours is not None
            assert 0 <= ours - found <= 1, (item, concentration)
            lower += ours - found
    assert theirs.cal_iaqi_usa(9.0, "PM25_24H") == us_individual("pm25_24h", 9.0) == 50
    with pytest.warns(UserWarning, match="greater than 1249"):
        assert theirs.cal_iaqi_usa(1249, "NO2_1H") == 500
    assert us_individual("no2_1h", 1249) == 300
    assert 1000 < lower < 4000


def test_python_aqi_has_the_tables_of_before_2024_and_of_2012() -> None:
    """python-aqi 0.6.1 (2019): its US table gives 50 for PM2.5 of 12.0; its Chinese one is that of 2012, and rounds to
    the nearest number where the standard takes the next greater."""
    theirs = pytest.importorskip("aqi")
    assert int(theirs.to_iaqi(theirs.POLLUTANT_PM25, "12.0", algo=theirs.ALGO_EPA)) == 50
    assert us_individual("pm25_24h", 12.0) == 56
    assert int(theirs.to_iaqi(theirs.POLLUTANT_PM25, "60", algo=theirs.ALGO_MEP)) == 81
    found = individual(HJ633_2026, "pm25_24h", 60)
    assert found
    assert found.iaqi == 100
    for concentration in range(1, 501):
        old = individual(HJ633_2012, "pm25_24h", concentration)
        assert old
        their = int(theirs.to_iaqi(theirs.POLLUTANT_PM25, str(concentration), algo=theirs.ALGO_MEP))
        assert -1 <= old.iaqi - their <= 1, concentration


def test_heat_index_against_thermofeel() -> None:
    """The same regression and adjustments where it is hot. In mild air thermofeel does not average the simple formula
    with the temperature, and below 40 degF it returns the temperature: other answers, of no use for heat."""
    theirs, numpy = pytest.importorskip("thermofeel"), pytest.importorskip("numpy")
    for fahrenheit in range(80, 116, 2):
        for dew_point in range(20, fahrenheit, 3):
            kelvin = numpy.array([(one - 32) / 1.8 + 273.15 for one in (fahrenheit, dew_point)])
            humidity = float(theirs.calculate_relative_humidity_percent(kelvin[:1], kelvin[1:])[0])
            if heat_index_f(fahrenheit, humidity) >= 80:
                found = float(theirs.calculate_heat_index_adjusted(kelvin[:1], kelvin[1:])[0]) - 273.15
                ours = heat_index((fahrenheit - 32) / 1.8, humidity / 100)
                assert found == pytest.approx(ours, abs=0.01), (fahrenheit, humidity)


def test_wind_chill_against_thermofeel() -> None:
    theirs, numpy = pytest.importorskip("thermofeel"), pytest.importorskip("numpy")
    for celsius in range(-50, 6, 5):
        for speed in (2.0, 5.0, 20.0):
            found = float(theirs.calculate_wind_chill(numpy.array([celsius + 273.15]), speed)[0]) - 273.15
            assert found == pytest.approx(wind_chill(celsius, speed), abs=1e-6)


def test_heat_index_and_wind_chill_against_metpy() -> None:
    """MetPy decides between its two formulas by another limit (79 degF, without the average): compared where both take
    the regression."""
    theirs = pytest.importorskip("metpy.calc")
    units = pytest.importorskip("metpy.units").units
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for fahrenheit in range(84, 113, 4):
            for humidity in range(5, 100, 10):
                found = theirs.heat_index(fahrenheit * units.degF, humidity * units.percent, mask_undefined=False)
                assert float(found.to("degF").magnitude[0]) == pytest.approx(
                    heat_index_f(fahrenheit, humidity), abs=1e-6
                )
        for celsius in range(-40, 11, 5):
            for speed in (2.0, 5.0, 20.0):
                found = theirs.windchill(celsius * units.degC, speed * units("m/s"), mask_undefined=False)
                assert float(found.to("degC").magnitude) == pytest.approx(wind_chill(celsius, speed), abs=0.02)
