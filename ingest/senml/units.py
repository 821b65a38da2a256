"""SenML's unit symbols to our canonical units.

Primary symbols are those of RFC 8428; the secondary ones of RFC 8798 stand after the remark and are taken from memory
and a table that reprints them. Beware of `%`: in SenML it is the ratio itself, 0.5 and not 50; per cent is `/100`, and
relative humidity in per cent is `%RH`.
"""

from math import pi

from rules.units import METRICS, Unit, units_of

_SYMBOLS: dict[str, dict[str, Unit]] = {
    "degC": {"Cel": Unit(1.0), "K": Unit(1.0, -273.15)},
    "hPa": {"Pa": Unit(0.01), "hPa": Unit(1.0)},
    "1": {"%RH": Unit(0.01), "/": Unit(1.0), "%": Unit(1.0), "/100": Unit(0.01), "/1000": Unit(0.001)},
    "m/s": {"m/s": Unit(1.0), "km/h": Unit(1.0 / 3.6)},
    "deg": {"rad": Unit(180.0 / pi), "deg": Unit(1.0)},
    "mm": {"m": Unit(1000.0), "mm": Unit(1.0), "cm": Unit(10.0)},
    "dB(A)": {"dB": Unit(1.0), "Bspl": Unit(10.0)},
    "m": {"m": Unit(1.0), "cm": Unit(0.01), "mm": Unit(0.001)},
    "km/h": {"m/s": Unit(3.6), "km/h": Unit(1.0)},
    "veh/h": {"1/s": Unit(3600.0), "1/min": Unit(60.0)},
    "ug/m3": {"kg/m3": Unit(1e9), "ug/m3": Unit(1.0)},
    "mg/m3": {"kg/m3": Unit(1e6), "ug/m3": Unit(0.001)},
}


def senml_units(metric: str) -> dict[str, Unit]:
    """The symbols in which SenML may send a metric. Raises KeyError for an unknown metric.

    Humidity has `%RH` and occupancy has not, but both are ratios.
    """
    found = dict(_SYMBOLS[METRICS[metric].unit])
    if metric != "humidity":
        found.pop("%RH", None)
    gas = units_of(metric).get("ppm")
    return found | {"ppm": gas, "/": Unit(gas.scale * 1e6)} if gas else found
