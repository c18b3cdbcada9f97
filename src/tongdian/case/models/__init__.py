"""Rows of the case frame and of its timeline."""

from tongdian.case.models.frame import Case

__all__ = ["Case"]
