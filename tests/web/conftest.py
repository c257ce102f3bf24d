"""The application over a small record, asked directly and in a browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from mahdar.record import Record
from mahdar.web import Settings, create_app
from tests.review.conftest import PASSWORD
from tests.review.conftest import made as made

LogIn = Callable[[str], TestClient]


@pytest.fixture
def record(made: Path, tmp_path: Path) -> Iterator[Record]:
    shutil.copytree(made, tmp_path / "record")
    with Record.open(tmp_path / "record") as opened:
        yield opened


@pytest.fixture
def app(record: Record) -> FastAPI:
    """With accounts."""
    return create_app(record, Settings(hosts=frozenset({"testserver"})))


@pytest.fixture
def local(record: Record) -> TestClient:
    """Whoever sits at this machine."""
    return client(create_app(record, Settings("me", hosts=frozenset({"testserver"}))))


def client(app: FastAPI) -> TestClient:
    """A browser without scripts: keeps cookies, follows no redirect, sends the CSRF token of the last page."""
    made = TestClient(app, follow_redirects=False, raise_server_exceptions=True)
    made.headers["Origin"] = "http://testserver"
    return made


def csrf(page: Any) -> str:
    found = re.search(r'<meta name="csrf" content="([0-9a-f]+)">', page.text)
    assert found, page.text[:500]
    return found[1]


@pytest.fixture
def log_in(app: FastAPI) -> LogIn:
    def opened(name: str) -> TestClient:
        browser = client(app)
        token = csrf(browser.get("/login"))
        answer = browser.post("/login", data={"name": name, "password": PASSWORD, "csrf": token})
        assert answer.status_code == 303, answer.text
        browser.headers["X-CSRF-Token"] = csrf(browser.get("/codebook"))
        return browser

    return opened


# ---------------------------------------------------------------- a real server and a real browser


class Served:
    """The application on a port of this machine."""

    def __init__(self, record: Record, settings: Settings) -> None:
        self.record = record
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(create_app(record, settings), "127.0.0.1", port, log_level="error", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture
def served(record: Record, tmp_path: Path) -> Iterator[Served]:
    """Open to whoever sits here."""
    server = Served(record, Settings("me", releases=tmp_path / "releases"))
    yield server
    server.stop()


@pytest.fixture
def team(record: Record, tmp_path: Path) -> Iterator[Served]:
    """With accounts."""
    server = Served(record, Settings(releases=tmp_path / "releases"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's chromium under Playwright, which never downloads a browser of its own here."""
    path = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
    if path is None:
        pytest.skip("no chromium on the PATH (`apt-get install chromium`): the pages are not tested in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open windows, each with cookies of its own; whatever one asks of another machine, or complains of, is an error."""
    told: list[str] = []
    contexts = []

    def opened(server: Served, name: str | None = None, **how: Any) -> Any:
        context = chromium.new_context(base_url=server.base, viewport={"width": 1280, "height": 800}, **how)
        context.set_default_timeout(int(os.environ.get("MAHDAR_TEST_PATIENCE", "15000")))
        contexts.append(context)
        window = context.new_page()
        window.on("request", lambda asked: told.append(f"asked {asked.url}") if foreign(asked.url, server) else None)
        window.on("console", lambda said: told.append(f"console: {said.text}") if wrong(said) else None)
        window.on("pageerror", lambda error: told.append(f"script: {error}"))
        if name:
            window.goto("/login")
            window.get_by_label("Name").fill(name)
            window.get_by_label("Password").fill(PASSWORD)
            window.keyboard.press("Enter")
            window.wait_for_url("**/inbox")
        return window

    yield opened
    for context in contexts:
        context.close()
    assert told == []


def wrong(said: Any) -> bool:
    """Whether a browser complains; a refusal by our own server is no complaint."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def foreign(url: str, server: Served) -> bool:
    """Whether an address is another server's."""
    return not url.startswith((server.base, "data:", "blob:"))
