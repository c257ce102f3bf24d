"""Draw the pictures of the review page that README and docs show: fictional reports, served and looked at in chromium.

    python -m docs.pictures.pages [FOLDER]

The samples are read; the stories of the tests, of one shelling told by four outlets, stand beside them. Needs chromium
on the PATH. Five pictures of some 100 KB.
"""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
import threading
import time
from contextlib import chdir
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, ViewportSize, sync_playwright

from mahdar.corroboration import link
from mahdar.intake import Document, Retrieval
from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.web import Settings, create_app
from tests.review.stories import readings

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
QUALITY = 72  # of JPEG: letters stay sharp
SIZE = ViewportSize(width=1280, height=800)


def main(folder: Path = HERE) -> None:
    """Draw all pictures into a folder. Raises MahdarError without chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise MahdarError("chromium is not on the PATH; `apt-get install chromium`")
    with tempfile.TemporaryDirectory() as place, Record.create(Path(place) / "samples") as record:
        with chdir(ROOT):  # names of files on a picture are the repository's, not this machine's
            for added in record.add("samples/reports"):
                print(added.name, added.state)
        record.store([(Document(r.report, r.report.text.encode(), Retrieval("story.txt")), r) for r in readings()])
        record.relink(link)
        base = serve(record)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for theme in ("light", "dark"):
                window = browser.new_context(base_url=base, viewport=SIZE, color_scheme=theme).new_page()
                for name, address in addresses(record).items():
                    draw(window, address, folder / f"page-{name}{'-dark' if theme == 'dark' else ''}.jpg", theme)
            browser.close()


def addresses(record: Record) -> dict[str, str]:
    """What is drawn: the coding page of a report with much in it, and the incident that most reports carry."""
    report = next(r for r in record.reports() if r.report.name.endswith("hawija-drones.html"))
    incident = max(record.incidents(), key=lambda held: (len(held.incident.reports), len(held.incident.disagreements)))
    return {
        "coding": f"/reports/{report.report.id}",
        "incident": f"/incidents/{incident.incident.id}",
        "explore": "/explore?find=claims",
    }


def draw(window: Page, address: str, to: Path, theme: str) -> None:
    """One picture; of the dark ones, the coding and the explore page are kept: five in all."""
    if theme == "dark" and "incident" in to.name:
        return
    window.goto(address)
    window.wait_for_load_state("networkidle")
    window.wait_for_timeout(500)
    window.screenshot(path=to, type="jpeg", quality=QUALITY)
    print(to, f"{to.stat().st_size // 1024} KB")


def serve(record: Record) -> str:
    """Serve a record on a free port of this machine, until the program ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(create_app(record, Settings("coder")), "127.0.0.1", port, log_level="warning")
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
