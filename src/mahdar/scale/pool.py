"""Reading on several processors: reports in, readings out in the same order, by processes that may die.

    with Pool(workers=4) as pool:
        for reading in pool.read(reports):      # Reading, or a Refusal that names the report
            ...

The readings are those that one process gives. At most `AHEAD` reports a worker are under way, so memory does not grow with
the input. A process that dies (a fault in a library, no memory left), or is at one report for longer than `patience`
seconds, costs that report, which is refused by name; another process takes its place.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from mahdar.intake import Refusal
from mahdar.model import MahdarError, Reading, Report
from mahdar.scale.worker import OUT_OF_MEMORY, Answer

if TYPE_CHECKING:
    from mahdar.reading.reader import ReadsReports

T = TypeVar("T")

AHEAD = 16
"""Reports under way for each worker: enough that a slow report does not leave the others idle."""
PATIENCE = 120.0
"""Seconds for one report, a hundred times what a long one takes: enough on a machine that is busy with other things."""
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)  # the workers are the parallelism
_COMMAND = (sys.executable, "-c", "from mahdar.scale.worker import main; main()")


class Pool:
    """So many worker processes, each with a reader of its own; they start when there is work for them.

    `reader` is any reader that can be pickled; by default each worker opens the shipped one. Raises MahdarError for a
    reader that cannot be sent, or opened there.
    """

    def __init__(self, workers: int, reader: ReadsReports | None = None, *, patience: float = PATIENCE) -> None:
        if workers < 1:
            raise MahdarError(f"{workers} workers cannot read; take at least 1")
        try:
            sent = pickle.dumps(reader)
        except Exception as error:
            raise MahdarError(f"this reader cannot be sent to other processes ({error})") from error
        self._workers = [_Worker(sent, patience) for _ in range(workers)]
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()  # the last that worked is the likeliest to run already
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="mahdar-pool")

    def read(self, reports: Iterable[Report | Refusal]) -> Iterator[Reading | Refusal]:
        """What is read in each report, in order. Refusals among `reports` stay where they are."""
        pairs = ((found, found if isinstance(found, Report) else None) for found in reports)
        for found, reading in self.along(pairs):
            if reading is not None:
                yield reading
            elif isinstance(found, Refusal):
                yield found

    def along(self, pairs: Iterable[tuple[T, Report | None]]) -> Iterator[tuple[T, Reading | Refusal | None]]:
        """The same for reports that something goes along with: it stays in this process, and comes back in order with
        the reading. Where there is no report, it comes back alone."""
        under_way: deque[tuple[T, Future[Reading | Refusal] | None]] = deque()
        try:
            for item, report in pairs:
                under_way.append((item, self._threads.submit(self._read, report) if report else None))
                while under_way and (len(under_way) > AHEAD * len(self._workers) or _ready(under_way[0][1])):
                    yield _taken(under_way.popleft())
            while under_way:
                yield _taken(under_way.popleft())
        finally:
            for _, future in under_way:
                if future:
                    future.cancel()

    def close(self) -> None:
        """End the workers at once, whatever they are at."""
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.bury()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, report: Report) -> Reading | Refusal:
        worker = self._idle.get()
        try:
            return worker.read(report)
        finally:
            self._idle.put(worker)


def _ready(future: Future[Reading | Refusal] | None) -> bool:
    return future is None or future.done()


def _taken(pair: tuple[T, Future[Reading | Refusal] | None]) -> tuple[T, Reading | Refusal | None]:
    item, future = pair
    return item, future.result() if future else None


class _Worker:
    """One process, seen from here: started at its first report, and anew after it died."""

    def __init__(self, reader: bytes, patience: float) -> None:
        self._reader = reader
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()  # between close() and a start in another thread

    def read(self, report: Report) -> Reading | Refusal:
        name = report.name or report.id
        process = self._running()
        try:
            _send(process, pickle.dumps(report))
            if not wait([process.stdout], self._patience):  # type: ignore[list-item]  # a pipe's end, as it wants
                process.kill()
                _end_of(process)
                return Refusal(name, f"was not read within {self._patience:g} seconds")
            reading, reason = _answer(process)
        except (EOFError, OSError, pickle.UnpicklingError):
            return Refusal(name, f"could not be read: it {_end_of(process)}")
        return reading or Refusal(name, reason)

    def kill(self) -> None:
        """From any thread; one that waits for an answer sees the end of it."""
        with self._lock:
            self._closed = True
            if self._process:
                self._process.kill()

    def bury(self) -> None:
        if self._process:
            _end_of(self._process)

    def _running(self) -> subprocess.Popen[bytes]:
        """The process with its reader open. Raises MahdarError where it does not come up."""
        if self._process and self._process.poll() is None:
            return self._process
        with self._lock:
            if self._closed:
                raise MahdarError("the pool is closed")
            self._process = process = _started()
        try:
            _send(process, self._reader)
            _, fault = _answer(process)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise MahdarError(f"a worker did not start: it {_end_of(process)}") from error
        if fault:
            raise MahdarError(f"a worker did not start: {fault}")
        return process


def _started() -> subprocess.Popen[bytes]:
    """A plain command, not a fork or spawn of multiprocessing: it asks nothing of the program that it was started from.

    A session of its own keeps Ctrl-C for this process, which then ends the workers; if this process is killed, they
    see their input end.
    """
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    environment = {**os.environ, **_ONE_THREAD, "PYTHONPATH": path}
    return subprocess.Popen(
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
    )


def _send(process: subprocess.Popen[bytes], pickled: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(pickled)
    process.stdin.flush()


def _answer(process: subprocess.Popen[bytes]) -> Answer:
    assert process.stdout is not None
    answer: Answer = pickle.load(process.stdout)
    return answer


def _end_of(process: subprocess.Popen[bytes]) -> str:
    """How a worker came to its end, in words."""
    try:
        code = process.wait(timeout=5)
    except subprocess.TimeoutExpired:  # it closed its output, or sent what is no answer, and lives on
        process.kill()
        code = process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):  # what was still to be written finds nobody
                pipe.close()
    if code == OUT_OF_MEMORY:
        return "took more memory than there is"
    if code < 0:
        name = signal.Signals(-code).name
        return f"brought its process down ({name}{', as where memory runs out' if name == 'SIGKILL' else ''})"
    return f"brought its process down (exit code {code})"
