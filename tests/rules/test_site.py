"""The column `site` of the registry."""

import pytest

from rules.catalogue import Catalogue
from rules.registry import parse_registry
from rules.site import Site

HEAD = "id,kind,department,district,lat,lon,metrics,interval,site\n"
ROW = "a,noise,env,north,48,2,noise,1min,"


@pytest.mark.parametrize(
    ("cell", "site"),
    [
        ("", Site()),
        ("noise_area=4a", Site("4a")),
        ("lanes=3 dry=-0.5", Site("", 3, -0.5)),
        ("dry=0", Site(dry=0.0)),
        ("air_class=1", Site(air_class=1)),
        ("air_class=2", Site()),
    ],
)
def test_what_it_says(cell: str, site: Site) -> None:
    sensors, faults = parse_registry(HEAD + ROW + cell + "\n", "sensors.csv")
    assert not faults and sensors["a"].site == site


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("noise_area=5", "noise_area: '5' is none"), ("noise_aera=1", "did you mean 'noise_area'?"),
        ("lanes=0", "lanes: '0' is none"), ("lanes=21", "is none"), ("lanes=x", "is none"), ("dry=deep", "is none"),
        ("dry=1_0", "is none"), ("dry=inf", "is none"), ("air_class=3", "air_class: '3' is none"),
        ("dry=1 dry=1", "'dry' is there twice"), ("lanes", "is none"),
    ],
)  # fmt: skip
def test_what_is_wrong(cell: str, told: str) -> None:
    sensors, faults = parse_registry(HEAD + ROW + cell + "\n", "sensors.csv")
    assert not sensors and len(faults) == 1
    assert faults[0].key == "site" and told in str(faults[0])


def test_a_catalogue_is_another_one_when_a_site_is() -> None:
    hashes = {Catalogue(parse_registry(HEAD + ROW + cell + "\n", "s")[0], ()).hash for cell in ("", "dry=0", "dry=1")}
    assert len(hashes) == 3
