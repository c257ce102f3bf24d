"""The record: reports with their original bytes, what was read in them, what people decided, and a log that proves it."""

from mahdar.record.adding import Added
from mahdar.record.record import Record

__all__ = ["Added", "Record"]
