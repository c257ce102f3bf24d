"""Readings -> text in a format: one file a format, each a function from readings to pieces of text as they come."""
