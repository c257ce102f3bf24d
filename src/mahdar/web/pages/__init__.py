"""The pages: one file a noun. Each route asks for a right and calls the desk."""

from mahdar.web.pages import (
    account,
    coding,
    double,
    explore,
    home,
    inbox,
    incidents,
    people,
    publishing,
    registers,
    sources,
)

ROUTERS = (
    home.router,
    inbox.router,
    coding.router,
    double.router,
    explore.router,
    incidents.router,
    registers.router,
    sources.router,
    publishing.router,
    account.router,
    people.router,
)
