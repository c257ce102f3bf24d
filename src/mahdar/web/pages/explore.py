"""Explore: one query in the address drives map, time line, facets and table."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mahdar.record.query import PARAMETERS, Query
from mahdar.review.explore import countries_of
from mahdar.web.site import Reader, page, site
from mahdar.web.wording import address

router = APIRouter()
FACETS = {  # the facets shown, and what they are called
    "type": "Type",
    "country": "Country",
    "area": "Area",
    "place": "Place",
    "actor": "Actor",
    "target": "Target",
    "source": "Source",
    "outlet": "Outlet",
    "status": "Status",
    "scope": "Scope",
    "review": "Review",
    "grade": "Grade",
}
SORTS = {
    "newest": "newest first",
    "oldest": "oldest first",
    "published": "latest published",
    "surest": "surest first",
    "doubtful": "least sure first",
    "relevance": "best words first",
}


@router.get("/explore")
def explore(request: Request, person: Reader) -> Response:  # noqa: ARG001
    here = site(request)
    explorer = here.desk.explorer
    pairs = request.query_params.multi_items()
    if not any(name == "find" and value for name, value in pairs):
        pairs = [("find", explorer.usual()), *[p for p in pairs if p[0] != "find"]]
    query = Query.from_params(pairs)
    found = explorer.search(query)
    chosen = [
        (PARAMETERS[name].meaning.partition(":")[0], value, _without(query, name, value))
        for name, value in query.to_params()
        if name in query.filters
    ]
    return page(
        request,
        "explore.html",
        q=query,
        found=found,
        timeline=explorer.timeline(query, found.total, countries_of(query, found)),
        facets=[(name, label, found.facets[name]) for name, label in FACETS.items() if name in found.facets],
        chosen=chosen,
        sorts=SORTS,
        tiles=here.tiles,
        held=[
            (name, value) for name, value in query.to_params() if name not in ("q", "since", "until", "sort", "offset")
        ],
    )


def _without(query: Query, name: str, value: str) -> str:
    """The address of the query with one of its filters taken away."""
    kept = [pair for pair in query.replace().to_params() if pair != (name, value)]
    return address(Query.from_params(kept))
