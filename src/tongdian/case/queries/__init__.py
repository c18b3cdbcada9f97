"""Reads of the case frame and of its timeline."""

from tongdian.case.queries.timeline import event_by_hash, events, installation_clock, installation_now
from tongdian.case.queries.tree import ReceiptProof, receipt_proof

__all__ = ["ReceiptProof", "event_by_hash", "events", "installation_clock", "installation_now", "receipt_proof"]
