"""What a service connection adds to its case. Times of the clock are never stored here: the timeline has them."""

from tongdian.connection.models.agents import AgentAuthority
from tongdian.connection.models.application import Application, Draft, DraftFile
from tongdian.connection.models.counter import CounterVisit
from tongdian.connection.models.mirrored import MirroredCase, SourceConflict, SourceRecord, SourceSystem
from tongdian.connection.models.works import (
    Deficiency,
    Inspection,
    MeterInstallation,
    Scheme,
    SupplyContract,
    SupportingWorks,
)

__all__ = [
    "AgentAuthority",
    "Application",
    "CounterVisit",
    "Deficiency",
    "Draft",
    "DraftFile",
    "Inspection",
    "MeterInstallation",
    "MirroredCase",
    "Scheme",
    "SourceConflict",
    "SourceRecord",
    "SourceSystem",
    "SupplyContract",
    "SupportingWorks",
]
