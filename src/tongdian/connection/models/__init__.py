"""What a service connection adds to its case. Times of the clock are never stored here: the timeline has them."""

from tongdian.connection.models.application import Application, Draft, DraftFile
from tongdian.connection.models.works import (
    Deficiency,
    Inspection,
    MeterInstallation,
    Scheme,
    SupplyContract,
    SupportingWorks,
)

__all__ = [
    "Application",
    "Deficiency",
    "Draft",
    "DraftFile",
    "Inspection",
    "MeterInstallation",
    "Scheme",
    "SupplyContract",
    "SupportingWorks",
]
