from collections.abc import Iterator

import pytest

from tests.intake.server import Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server on this machine."""
    with serve() as running:
        yield running
