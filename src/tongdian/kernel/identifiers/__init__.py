"""Identifiers of organisations, people, projects, real estate and cases: read, checked, explained."""

from tongdian.kernel.identifiers.case_numbers import CaseNumber, case_number, parse_case_number
from tongdian.kernel.identifiers.fault import Fault, InvalidIdentifier
from tongdian.kernel.identifiers.organisation import CreditCode, check_uscc
from tongdian.kernel.identifiers.project import ProjectCode, check_project_code
from tongdian.kernel.identifiers.real_estate import RealEstateUnit, check_real_estate_unit
from tongdian.kernel.identifiers.resident import ResidentId, check_resident_id

__all__ = [
    "CaseNumber",
    "CreditCode",
    "Fault",
    "InvalidIdentifier",
    "ProjectCode",
    "RealEstateUnit",
    "ResidentId",
    "case_number",
    "check_project_code",
    "check_real_estate_unit",
    "check_resident_id",
    "check_uscc",
    "parse_case_number",
]
