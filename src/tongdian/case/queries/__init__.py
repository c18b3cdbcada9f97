"""Reads of the case frame and of its timeline."""

from tongdian.case.queries.timeline import installation_now

__all__ = ["installation_now"]
