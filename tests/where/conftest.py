"""The shipped gazetteer, opened once; skipped where it has not been built."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mahdar.where.gazetteer import SHIPPED_FILE, Gazetteer


@pytest.fixture(scope="session")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gazetteer]:
    if not SHIPPED_FILE.is_file():
        pytest.skip("the gazetteer is not built: python -m mahdar.where.build")
    with Gazetteer.open(tmp_path_factory.mktemp("none") / "none.sqlite", missing_ok=True) as opened:
        yield opened
