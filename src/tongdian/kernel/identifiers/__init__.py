"""Identifiers of organisations, people, projects, real estate and cases: read, checked, explained."""

from tongdian.kernel.identifiers.case_numbers import CaseNumber, case_number, parse_case_number
from tongdian.kernel.identifiers.fault import Fault, InvalidIdentifier
from tongdian.kernel.identifiers.organisation import CreditCode, parse_credit_code
from tongdian.kernel.identifiers.project import ProjectCode, parse_project_code
from tongdian.kernel.identifiers.real_estate import RealEstateUnit, parse_real_estate_unit
from tongdian.kernel.identifiers.resident import ResidentId, parse_resident_id

__all__ = [
    "CaseNumber",
    "CreditCode",
    "Fault",
    "InvalidIdentifier",
    "ProjectCode",
    "RealEstateUnit",
    "ResidentId",
    "case_number",
    "parse_case_number",
    "parse_credit_code",
    "parse_project_code",
    "parse_real_estate_unit",
    "parse_resident_id",
]
