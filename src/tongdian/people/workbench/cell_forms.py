"""Forms of service cells, and the list of them as a file."""

import csv
from datetime import date
from io import BytesIO, StringIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from python_calamine import CalamineError, CalamineWorkbook

from tongdian.kernel import divisions
from tongdian.people.models import CellMember, Organisation, ServiceCell, User
from tongdian.people.operations.cells import CellRow
from tongdian.people.queries.cells import Place, holders
from tongdian.people.queries.tokens import organisations_of
from tongdian.people.rules import Role
from tongdian.ui.components import Words
from tongdian.ui.formats import division_name

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOST_BYTES, MOST_ROWS = 2 * 1024 * 1024, 5000
SEPARATORS = str.maketrans("，、;；|", ",,,,,")
# The first columns of a list of cells, in a download and in what is imported.
HEADINGS: tuple[Words, ...] = (
    gettext_lazy("网格编号"),
    gettext_lazy("网格名称"),
    gettext_lazy("县代码"),
    gettext_lazy("地址关键字"),
    gettext_lazy("区域"),
    gettext_lazy("客户经理"),
    gettext_lazy("项目经理"),
)
ZONES = [("urban_planned_area", gettext_lazy("城市规划区"))]


class CellForm(forms.Form):
    """A new cell."""

    utility = forms.ModelChoiceField(label=gettext_lazy("供电企业"), queryset=None)
    code = forms.SlugField(label=gettext_lazy("网格编号"), max_length=40, help_text=gettext_lazy("字母、数字和横线。"))
    name = forms.CharField(label=gettext_lazy("网格名称"), max_length=80)
    county_code = forms.ChoiceField(label=gettext_lazy("县（市、区）"))
    address_words = forms.CharField(
        label=gettext_lazy("地址关键字"),
        required=False,
        help_text=gettext_lazy("用顿号分开，例如街道、社区、路名。地址含其中之一的办件归这个网格，最长的关键字优先。"),
    )
    zones = forms.MultipleChoiceField(
        label=gettext_lazy("区域"), choices=ZONES, required=False, widget=forms.CheckboxSelectMultiple
    )
    valid_from = forms.DateField(label=gettext_lazy("开始日期"), widget=DAY)

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_utilities(self.fields["utility"], user)
        self.fields["county_code"].choices = counties(today)  # type: ignore[attr-defined]
        self.fields["valid_from"].initial = today

    def clean_address_words(self) -> list[str]:
        """Return the words as a list."""
        return _words(self.cleaned_data["address_words"])


class MemberForm(forms.Form):
    """A manager for a cell."""

    person = forms.ChoiceField(label=gettext_lazy("人员"))
    valid_from = forms.DateField(label=gettext_lazy("开始日期"), widget=DAY)

    def __init__(self, *args: Any, cell: ServiceCell, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = Place(cell.county_code, cell.utility_id)
        listed = {role: holders(role, place) for role in (Role.ACCOUNT_MANAGER, Role.PROJECT_MANAGER)}
        self.people = {f"{role}:{user.pk}": (role, user) for role, users in listed.items() for user in users}
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            (CellMember.Role(role).label, [(f"{role}:{user.pk}", user.get_full_name()) for user in users])
            for role, users in listed.items()
        ]
        self.fields["valid_from"].initial = max(today, cell.valid_from)


class ImportForm(forms.Form):
    """A list of cells as xlsx or csv."""

    utility = forms.ModelChoiceField(label=gettext_lazy("供电企业"), queryset=None)
    valid_from = forms.DateField(label=gettext_lazy("开始日期"), widget=DAY)
    file = forms.FileField(
        label=gettext_lazy("文件"),
        help_text=gettext_lazy("XLSX 或 CSV（UTF-8）。第一行是列名，与下载的清单一致；人员填用户名，多人用顿号分开。"),
    )

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_utilities(self.fields["utility"], user)
        self.fields["valid_from"].initial = today

    def clean_file(self) -> list[CellRow]:
        """Return the lines; say what is wrong with a file that holds none."""
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            raise ValidationError(_("文件太大，请拆分后再导入。"))
        lines = _lines(upload.read())
        names = [str(heading) for heading in HEADINGS]
        if not lines or lines[0][: len(names)] != names:
            raise ValidationError(_("第一行应为列名：%(names)s。") % {"names": "、".join(names)})
        # What stands below the rows of a download fills one cell a line.
        rows = [_row(line) for line in lines[1:] if sum(map(bool, line[: len(names)])) > 1]
        if not rows or len(rows) > MOST_ROWS:
            raise ValidationError(_("文件应含 1 至 %(most)d 行网格。") % {"most": MOST_ROWS})
        return rows


def _offer_utilities(field: Any, user: User) -> None:
    """Offer the utilities, not their units, an administrator looks after; the only one without being asked."""
    field.queryset = organisations_of(user, "cell.manage").filter(kind=Organisation.Kind.UTILITY, parent=None)
    if len(only := list(field.queryset[:2])) == 1:
        field.initial, field.empty_label = only[0], None


def counties(today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the counties grouped by city, named in the reader's language."""
    return [
        (division_name(city), [(each.code, division_name(each)) for each in divisions.children(city.code, today)])
        for city in divisions.children("370000", today)
    ]


def _lines(content: bytes) -> list[list[str]]:
    """Read the first sheet of a workbook, or comma-separated text; no lines when it is neither."""
    try:
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python(nrows=MOST_ROWS + 2)
        return [[_text(value) for value in line] for line in sheet]
    except CalamineError:
        pass
    try:
        return [[value.strip() for value in line] for line in csv.reader(StringIO(content.decode("utf-8-sig")))]
    except (UnicodeDecodeError, csv.Error):
        return []


def _text(value: Any) -> str:
    # A spreadsheet turns a code of digits into a number.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _row(line: list[str]) -> CellRow:
    code, name, county, words, zones, accounts, projects = (*line, *[""] * len(HEADINGS))[: len(HEADINGS)]
    return CellRow(
        code,
        name,
        county,
        *(tuple(_words(each)) for each in (words, zones, accounts, projects)),  # type: ignore[arg-type]
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.translate(SEPARATORS).split(",") if word.strip()]
