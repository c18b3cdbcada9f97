"""Rows of the case frame and of its timeline."""

from tongdian.case.models.bulk import BulkRow, BulkRun
from tongdian.case.models.calendar import CalendarNotice, CalendarVersion
from tongdian.case.models.contacts import Contact, ContactLink
from tongdian.case.models.corrections import CorrectionProposal
from tongdian.case.models.documents import Document, StoredFile, ViewRecord
from tongdian.case.models.exports import Export, ExportFetch
from tongdian.case.models.frame import Case, Deadline, NumberCounter
from tongdian.case.models.parties import Party
from tongdian.case.models.saved import OpeningFilter, SavedFilter
from tongdian.case.models.search import CaseTerms, FirmTerms
from tongdian.case.models.timeline import (
    Checkpoint,
    ClockChange,
    Event,
    Installation,
    Leaf,
    LogKey,
    Node,
    Pending,
    WitnessAnswer,
)
from tongdian.case.models.verification import Verification

__all__ = [
    "BulkRow",
    "BulkRun",
    "CalendarNotice",
    "CalendarVersion",
    "Case",
    "CaseTerms",
    "Checkpoint",
    "ClockChange",
    "Contact",
    "ContactLink",
    "CorrectionProposal",
    "Deadline",
    "Document",
    "Event",
    "Export",
    "ExportFetch",
    "FirmTerms",
    "Installation",
    "Leaf",
    "LogKey",
    "Node",
    "NumberCounter",
    "OpeningFilter",
    "Party",
    "Pending",
    "SavedFilter",
    "StoredFile",
    "Verification",
    "ViewRecord",
    "WitnessAnswer",
]
