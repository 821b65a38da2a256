"""The newest readings as context information: NGSI-LD and NGSIv2, for other departments' platforms to read.

Only what a reader needs: entities by type and id, pages, counts, and errors in the form of each interface. Nothing can
be written here; what others have to tell comes over MQTT.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Header, HTTPException, Path, Query
from fastapi.responses import JSONResponse

from console.context import Console, Shared
from console.entities import URN, observations, of_type
from console.ports import LatestValue
from rules.smartdata.models import MODELS
from rules.smartdata.observation import Observation
from rules.smartdata.write import to_ngsi_ld, to_ngsi_v2

LD, V2 = "/api/ngsi-ld/", "/api/v2/"
LD_JSON, JSON = "application/ld+json", "application/json"
_CONTEXT_REL = 'rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
_ERRORS = "https://uri.etsi.org/ngsi-ld/errors/"
MOST = 1000

router = APIRouter(prefix="/api")

Types = Annotated[
    str, Query(alias="type", max_length=500, description=f"of {', '.join(MODELS)}; several with commas between")
]
Ids = Annotated[str, Query(alias="id", max_length=1800, description="ids of entities, with commas between")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
EntityId = Annotated[str, Path(max_length=200)]
Type = Annotated[str, Query(alias="type", max_length=64)]
_ENTITY: dict[str, object] = {"schema": {"type": "object", "additionalProperties": True}}
_LIST: dict[str, object] = {"schema": {"type": "array", "items": _ENTITY["schema"]}}


@dataclass(frozen=True, slots=True)
class _Page:
    entities: list[Observation]
    total: int


def _documented(content: dict[str, object], *kinds: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "as asked", "content": dict.fromkeys(kinds, content)}}


@router.get("/ngsi-ld/v1/entities", responses=_documented(_LIST, LD_JSON, JSON), tags=["NGSI-LD"])
def ld_entities(
    console: Shared,
    types: Types = "",
    ids: Ids = "",
    limit: Limit = 20,
    offset: Offset = 0,
    count: bool = False,
    accept: Annotated[str, Header()] = JSON,
) -> JSONResponse:
    """Entities with the newest readings, normalised. At least a type or an id must be named; the total stands in
    `NGSILD-Results-Count` where `count=true` asks for it, the next and previous page in `Link`."""
    if not types and not ids:
        raise HTTPException(400, "name a type or an id: all entities of the city are too many")
    found = _page(console, _words(types), _ids(ids), limit, offset)
    headers: list[tuple[str, str]] = [("NGSILD-Results-Count", str(found.total))] if count else []
    for rel, start in (("next", offset + limit), ("prev", max(offset - limit, 0))):
        if (start < found.total) if rel == "next" else offset > 0:
            asked = {"type": types, "id": ids, "limit": limit, "offset": start, "count": str(count).lower()}
            address = urlencode({name: value for name, value in asked.items() if value != ""})
            headers.append(("Link", f'<{LD}v1/entities?{address}>; rel="{rel}"; type="{JSON}"'))
    return _ld([to_ngsi_ld(each) for each in found.entities], accept, headers)


@router.get("/ngsi-ld/v1/entities/{entity_id}", responses=_documented(_ENTITY, LD_JSON, JSON), tags=["NGSI-LD"])
def ld_entity(console: Shared, entity_id: EntityId, accept: Annotated[str, Header()] = JSON) -> JSONResponse:
    """One entity, by its URN."""
    found = _page(console, frozenset(), _ids(entity_id), 1, 0)
    if not found.entities or to_ngsi_ld(found.entities[0])["id"] != entity_id:
        raise HTTPException(404, f"no entity {entity_id}")
    return _ld(to_ngsi_ld(found.entities[0]), accept, [])


@router.get("/v2/entities", responses=_documented(_LIST, JSON), tags=["NGSIv2"])
def v2_entities(
    console: Shared,
    types: Types = "",
    ids: Ids = "",
    limit: Limit = 20,
    offset: Offset = 0,
    options: Annotated[str, Query(pattern="^(count)?$", description="count: the total in Fiware-Total-Count")] = "",
) -> JSONResponse:
    """Entities with the newest readings, normalised."""
    found = _page(console, _words(types), _ids(ids), limit, offset)
    headers = {"Fiware-Total-Count": str(found.total)} if options else None
    return JSONResponse([to_ngsi_v2(each) for each in found.entities], headers=headers)


@router.get("/v2/entities/{entity_id}", responses=_documented(_ENTITY, JSON), tags=["NGSIv2"])
def v2_entity(console: Shared, entity_id: EntityId, kind: Type = "") -> JSONResponse:
    """One entity, by the sensor's id; a sensor that is of two types wants its `type`."""
    found = _page(console, _words(kind), _ids(entity_id), 2, 0).entities
    if not found:
        raise HTTPException(404, f"no entity {entity_id}")
    if len(found) > 1:
        raise HTTPException(409, f"{entity_id} is of several types: name one")
    return JSONResponse(to_ngsi_v2(found[0]))


def _page(console: Console, types: frozenset[str], ids: Mapping[str, str], limit: int, offset: int) -> _Page:
    """Entities that have readings, by sensor and type; `ids` as `_ids` gives them."""
    sensors = of_type(console.city.sensors.values(), types)
    sensors = [one for one in sensors if not ids or one.id in ids]
    latest: dict[str, list[LatestValue]] = {}
    if len(sensors) == 1:
        latest[sensors[0].id] = list(console.store.latest(sensors[0].id))
    elif sensors:
        for one in console.store.latest():
            latest.setdefault(one.sensor, []).append(one)
    wanted = types or frozenset(MODELS)
    found = [
        each
        for each in observations(sensors, latest)
        if each.model.name in wanted and ids.get(each.id, "") in ("", each.model.name)
    ]
    return _Page(found[offset : offset + limit], len(found))


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in text.split(",") if word)


def _ids(text: str) -> dict[str, str]:
    """Sensors by id, each with the model that its URN names, or nothing for any."""
    found: dict[str, str] = {}
    for each in _words(text):
        model, _, name = each.removeprefix(URN).partition(":")
        found |= {name: model} if each.startswith(URN) and model in MODELS else {each: ""}
    return found


def _ld(
    content: dict[str, object] | Sequence[dict[str, object]], accept: str, links: list[tuple[str, str]]
) -> JSONResponse:
    """With the context inside for those who take JSON-LD, beside it in a header for those who do not."""
    entities = [content] if isinstance(content, dict) else content
    contexts = list(dict.fromkeys(_subject(entity["@context"]) for entity in entities))
    if LD_JSON in accept or len(contexts) > 1:  # a header holds one context only
        response = JSONResponse(content, media_type=LD_JSON)
    else:
        for entity in entities:
            del entity["@context"]
        response = JSONResponse(content, media_type=JSON)
        links += [("Link", f"<{context}>; {_CONTEXT_REL}") for context in contexts]
    for name, value in links:
        response.headers.append(name, value)
    return response


def _subject(context: object) -> str:
    """The model's own context; the core's is implied."""
    return str(context[-1]) if isinstance(context, list) else str(context)


def problem(
    path: str, status: int, title: str, reasons: Sequence[str], headers: Mapping[str, str]
) -> JSONResponse | None:
    """An error as the interface at that path has it; None for any other path."""
    told, more = "; ".join(reasons) or title, dict(headers)
    if path.startswith(LD):
        kind = {400: "BadRequestData", 404: "ResourceNotFound"}.get(status, "InternalError")
        body = {"type": _ERRORS + kind, "title": title, "detail": told, "status": status}
        return JSONResponse(body, status, headers=more, media_type="application/problem+json")
    if path.startswith(V2):
        name = {400: "BadRequest", 404: "NotFound", 409: "TooManyResults"}.get(status, HTTPStatus(status).phrase)
        return JSONResponse({"error": name, "description": told}, status, headers=more)
    return None
