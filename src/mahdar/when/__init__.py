"""When: time expressions of a report, each with its interval, its precision, its words and what it was anchored to."""

from mahdar.when.days import days, format_interval, parse_interval
from mahdar.when.expression import TimeExpression
from mahdar.when.read import read_times

__all__ = ["TimeExpression", "days", "format_interval", "parse_interval", "read_times"]
