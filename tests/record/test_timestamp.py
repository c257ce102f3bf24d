"""A time stamp is asked for by the book (RFC 3161), checked and kept."""

from __future__ import annotations

import base64
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.timestamp import request_for


class Authority(BaseHTTPRequestHandler):
    """Grants, echoing the request where a real one would sign it; refuses at /no."""

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        status = b"\x02" if self.path == "/no" else b"\x00"
        body = b"\x30\x03\x02\x01" + status + asked
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"\x30\x82" + len(body).to_bytes(2, "big") + body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def authority() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Authority) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_answer_is_logged_with_the_head_it_stamps(record: Record, authority: str) -> None:
    head = record.head()
    stamped = record.stamp(authority)
    (row,) = record.log(since=head.seq)
    assert (row.kind, row.subject) == ("stamp", authority)
    assert (row.values["seq"], row.values["hash"]) == (head.seq, head.hash)
    assert base64.b64decode(row.values["token"]) == stamped.token
    assert list(record.verify()) == []


def test_what_is_no_stamp_is_not_kept(record: Record, authority: str) -> None:
    head = record.head()
    for address, wrong in (
        (f"{authority}/no", "refused"),
        ("http://127.0.0.1:1", "gave no time stamp"),
        ("ftp://127.0.0.1", "is not an http"),
    ):
        with pytest.raises(MahdarError, match=wrong):
            record.stamp(address)
    assert record.head() == head


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_reads_the_request(tmp_path: Path) -> None:
    (tmp_path / "request.tsq").write_bytes(request_for(bytes(range(32)), 12345))
    said = subprocess.run(
        ["openssl", "ts", "-query", "-in", str(tmp_path / "request.tsq"), "-text"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Hash Algorithm: sha256" in said
    assert "00 01 02 03 04 05 06 07" in said
    assert "Nonce: 0x3039" in said
    assert "Certificate required: yes" in said
