"""From bytes to Report: files, saved pages, JSON lines and addresses, with furniture, captions and sentences marked."""

from mahdar.intake.assembly import make_report, report_sentences
from mahdar.intake.captions import mark_captions
from mahdar.intake.document import Document, Retrieval
from mahdar.intake.furniture import mark_furniture
from mahdar.intake.refusal import Refusal
from mahdar.intake.sentences import split_sentences
from mahdar.intake.sources import open_documents, open_reports, reopen

__all__ = [
    "Document",
    "Refusal",
    "Retrieval",
    "make_report",
    "mark_captions",
    "mark_furniture",
    "open_documents",
    "open_reports",
    "reopen",
    "report_sentences",
    "split_sentences",
]
