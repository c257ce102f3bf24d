"""A reader that does what a report's text tells it to: read, die, run out of memory, fail, wait, print."""

from __future__ import annotations

import os
import signal
import time

from mahdar.model import Claim, MahdarError, Reading, Report


class Obedient:
    """Every word of a report is a claim, unless the report begins with an order."""

    version = "obedient"

    def read(self, report: Report) -> Reading:
        order, *words = report.text.split()
        match order:
            case "die":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "exit":
                os._exit(3)
            case "swell":
                raise MemoryError
            case "fail":
                raise ValueError("a bug")
            case "refuse":
                raise MahdarError(f"{report.name}: is not to be read")
            case "wait":
                time.sleep(float(words[0]))
            case "print":
                os.write(1, b"a library's chatter")
        start = report.text.find(order)
        told = report.words(start, start + len(order))
        pid = Claim(f"{report.id}-1", report.id, "attack", "event", "asserted", told, (told,))
        return Reading(report, (pid,), (), self.version)


class NeverOpens:
    """A reader whose model is not there, in any process but the first."""

    version = "none"

    def read(self, report: Report) -> Reading:
        raise NotImplementedError

    def __reduce__(self) -> tuple[object, tuple[()]]:
        return open_nothing, ()


def open_nothing() -> NeverOpens:
    raise MahdarError("its model is not there")
