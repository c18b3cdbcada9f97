"""Reads of the case frame and of its timeline."""

from tongdian.case.queries.calendar import calendar, calendar_of
from tongdian.case.queries.cases import case_for, cases_for, changes_since, queue
from tongdian.case.queries.clock import Standard, reading, standard
from tongdian.case.queries.documents import document_for, documents_for, documents_of
from tongdian.case.queries.search import matching
from tongdian.case.queries.timeline import event_by_hash, events, installation_clock, installation_now
from tongdian.case.queries.tree import ReceiptProof, receipt_proof

__all__ = [
    "ReceiptProof",
    "Standard",
    "calendar",
    "calendar_of",
    "case_for",
    "cases_for",
    "changes_since",
    "document_for",
    "documents_for",
    "documents_of",
    "event_by_hash",
    "events",
    "installation_clock",
    "installation_now",
    "matching",
    "queue",
    "reading",
    "receipt_proof",
    "standard",
]
