"""A job's folder: what each part came to, written whole or not at all, on any file system that Arrow knows.

out/job.json                        reader, parts and sources: a second run must be of the same job
out/claims/part=00017/*.parquet     a claim a row: report, id, type, start, end, confidence, and the claim itself as JSON
out/reports/part=00017/*.parquet    the reports that hold claims: id, published, outlet, and the report itself as JSON
out/refused/part=00017/*.parquet    what could not be read: name, SHA-256 of its bytes, reason
out/incidents/*.parquet             what `linking.py` makes of it: id, type, start, end, and the incident itself as JSON
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
from pyarrow import fs

from mahdar.intake import Refusal
from mahdar.model import Claim, MahdarError, Reading, Report
from mahdar.record.rows import dump

_TEXT = pa.string()
SCHEMAS = {
    "claims": pa.schema(
        [(name, _TEXT) for name in ("report", "id", "type", "start", "end")]
        + [("confidence", pa.float64()), ("claim", _TEXT)]
    ),
    "reports": pa.schema([(name, _TEXT) for name in ("id", "published", "outlet", "report")]),
    "refused": pa.schema([(name, _TEXT) for name in ("name", "sha256", "reason")]),
}


def write_part(
    out: str, part: int, found: Iterable[tuple[tuple[str, Report | Refusal], Reading | Refusal | None]]
) -> dict[str, int]:
    """Write what was found in a part's reports, each beside the hash of its bytes; how many of each kind there were."""
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in SCHEMAS}
    reports = 0
    for (sha256, given), read in found:
        result = read or given
        if isinstance(result, Refusal):
            rows["refused"].append({"name": result.name, "sha256": sha256, "reason": result.reason})
        elif isinstance(result, Reading):
            reports += 1
            if result.claims:
                report = result.report
                rows["reports"].append(
                    {
                        "id": report.id,
                        "published": report.published,
                        "outlet": report.outlet,
                        "report": dump(report, Report),
                    }
                )
            rows["claims"] += map(_claim_row, result.claims)
    filesystem, path = fs.FileSystem.from_uri(out)
    for kind in ("refused", "reports", "claims"):  # the claims last: where they are, the part is done
        folder = f"{path}/{kind}/part={part:05}"
        filesystem.create_dir(folder, recursive=True)
        _write(filesystem, f"{folder}/{kind}.parquet", pa.Table.from_pylist(rows[kind], SCHEMAS[kind]))
    return {"reports": reports, "claims": len(rows["claims"]), "refused": len(rows["refused"])}


def _claim_row(claim: Claim) -> dict[str, Any]:
    return {
        "report": claim.report,
        "id": claim.id,
        "type": claim.type,
        "start": claim.time.start,
        "end": claim.time.end,
        "confidence": claim.confidence,
        "claim": dump(claim, Claim),
    }


def _write(filesystem: fs.FileSystem, path: str, table: pa.Table) -> None:
    """Written beside its place and moved there: whoever looks sees all of it or nothing."""
    folder, _, name = path.rpartition("/")
    beside = f"{folder}/_{uuid.uuid4().hex}.{name}"  # a name that readers of Parquet pass over
    with filesystem.open_output_stream(beside) as stream:
        pyarrow.parquet.write_table(table, stream)
    filesystem.move(beside, path)


def place(out: str) -> str:
    """A folder or address as every machine can open it."""
    return out if "://" in out else Path(out).resolve().as_uri()


def same_job(out: str, job: dict[str, Any]) -> None:
    """Begin the job in its folder, or go on with it there. Raises MahdarError where the folder is of another one."""
    filesystem, path = fs.FileSystem.from_uri(out)
    file = f"{path}/job.json"
    if filesystem.get_file_info(file).type is fs.FileType.NotFound:
        filesystem.create_dir(path, recursive=True)
        with filesystem.open_output_stream(file) as stream:
            stream.write(json.dumps(job, indent=1).encode())
        return
    with filesystem.open_input_stream(file) as stream:
        begun = json.loads(stream.read())
    for key, value in job.items():
        if begun.get(key) != value:
            raise MahdarError(f"{out}: is of another job (its {key}: {begun.get(key)}; yours: {value})")


def finished(out: str) -> list[int]:
    """The parts whose claims are there."""
    filesystem, path = fs.FileSystem.from_uri(out)
    wanted = fs.FileSelector(f"{path}/claims", allow_not_found=True, recursive=True)
    files = [info.path for info in filesystem.get_file_info(wanted) if info.path.endswith("/claims.parquet")]
    return sorted(int(file.rpartition("part=")[2].partition("/")[0]) for file in files)
