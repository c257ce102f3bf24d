"""Explore: one query in the address drives map, time line, facets and table."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mahdar.publish.formats import FORMATS
from mahdar.publish.press import profiles_for
from mahdar.record.query import PARAMETERS, Query
from mahdar.review.explore import countries_of
from mahdar.web.site import Reader, page, site
from mahdar.web.wording import params

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
def explore(request: Request, person: Reader) -> Response:
    here = site(request)
    explorer = here.desk.explorer
    pairs = request.query_params.multi_items()
    if not any(name == "find" and value for name, value in pairs):
        pairs = [("find", explorer.usual()), *[p for p in pairs if p[0] != "find"]]
    query = Query.from_params(pairs)
    found = explorer.search(query)
    links = Links(query)
    chosen = [
        (PARAMETERS[name].meaning.partition(":")[0], value, links.toggle(name, value))
        for name, value in query.to_params()
        if name in query.filters
    ]
    return page(
        request,
        "explore.html",
        q=query,
        links=links,
        found=found,
        timeline=explorer.timeline(query, found.total, countries_of(query, found)),
        facets=[(name, label, found.facets[name]) for name, label in FACETS.items() if name in found.facets],
        chosen=chosen,
        sorts=SORTS,
        tiles=here.tiles,
        formats=FORMATS,
        profiles=profiles_for(person),
        held=[
            (name, value) for name, value in query.to_params() if name not in ("q", "since", "until", "sort", "offset")
        ],
    )


class Links:
    """Addresses beside a query's own. Made of its pairs, not of queries: a page has hundreds of them."""

    def __init__(self, query: Query) -> None:
        self._pairs = [("find", query.find), *(p for p in query.to_params() if p[0] not in ("find", "offset"))]
        self._undated = params(p for p in self._pairs if p[0] not in ("since", "until"))

    def toggle(self, name: str, value: str) -> str:
        """With one value more, or taken away where it is there."""
        pair = (name, value)
        return params([p for p in self._pairs if p != pair] if pair in self._pairs else [*self._pairs, pair])

    def between(self, since: str, until: str) -> str:
        """Of these days."""
        return f"{self._undated}&since={since}&until={until}"
