"""Agreements: the register of ceasefires, truces, zones and peace deals, which of them a text names, and the in-force test.

A user's own agreements: `mahdar.agreements.imports`.
"""

from mahdar.agreements.areas import Area
from mahdar.agreements.in_force import holding, in_force
from mahdar.agreements.names import NamedAgreement, anchors, find_agreements
from mahdar.agreements.register import Agreement, Agreements, user_path
from mahdar.agreements.violations import agreement_of

__all__ = [
    "Agreement",
    "Agreements",
    "Area",
    "NamedAgreement",
    "agreement_of",
    "anchors",
    "find_agreements",
    "holding",
    "in_force",
    "user_path",
]
