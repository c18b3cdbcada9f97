"""Forms of the application and of everything that is done to a case."""

from tongdian.connection.forms.assigning import AcceptForm, ManagerForm
from tongdian.connection.forms.correcting import ProposeForm, RefuseForm
from tongdian.connection.forms.counter import CounterSubmitForm, VisitForm
from tongdian.connection.forms.intake import (
    DeficiencyForm,
    HandInForm,
    PauseForm,
    ReclassifyForm,
    StageDocumentsForm,
    WithdrawForm,
)
from tongdian.connection.forms.wizard import (
    VOLTAGES,
    CustomerForm,
    DemandForm,
    DocumentsForm,
    FirmForm,
    HouseholdForm,
    ResidentForm,
    ShopForm,
    SiteForm,
    StepForm,
    SupplyForm,
    county_choices,
    step_form,
)
from tongdian.connection.forms.words import (
    identifier_message,
    refusal_words,
)
from tongdian.connection.forms.works import (
    EnergiseForm,
    InspectionForm,
    LowVoltageSchemeForm,
    SchemeForm,
    StartWorksForm,
)

__all__ = [
    "VOLTAGES",
    "AcceptForm",
    "CounterSubmitForm",
    "CustomerForm",
    "DeficiencyForm",
    "DemandForm",
    "DocumentsForm",
    "EnergiseForm",
    "FirmForm",
    "HandInForm",
    "HouseholdForm",
    "InspectionForm",
    "LowVoltageSchemeForm",
    "ManagerForm",
    "PauseForm",
    "ProposeForm",
    "ReclassifyForm",
    "RefuseForm",
    "ResidentForm",
    "SchemeForm",
    "ShopForm",
    "SiteForm",
    "StageDocumentsForm",
    "StartWorksForm",
    "StepForm",
    "SupplyForm",
    "VisitForm",
    "WithdrawForm",
    "county_choices",
    "identifier_message",
    "refusal_words",
    "step_form",
]
