"""When: time expressions of a report, each with its interval, its precision, its words and what it was anchored to."""

from mahdar.when.dateline import find_publication_date
from mahdar.when.days import days, format_interval, parse_interval
from mahdar.when.expression import TimeExpression
from mahdar.when.read import read_times

__all__ = ["TimeExpression", "days", "find_publication_date", "format_interval", "parse_interval", "read_times"]
