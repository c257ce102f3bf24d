"""The codebook as data: event types, number words, trigger lexicon and frames, with a loader each."""

from mahdar.codebook.event_types import EVENT_TYPES, EventType

__all__ = ["EVENT_TYPES", "EventType"]
