"""Read published months: the list, the versions of one, a file, and what the book says of publishing."""

from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.db.models import OuterRef, QuerySet, Subquery

from tongdian.disclosure.models import MonthFile
from tongdian.disclosure.rules.columns import Column, columns
from tongdian.disclosure.rules.files import read_rows
from tongdian.disclosure.rules.months import Month
from tongdian.disclosure.rules.rows import Value
from tongdian.policy import NoRuling, Words, current_book

CHUNK_BYTES = 1 << 16
PAUSE = "connection.pause_reason."


def months() -> QuerySet[MonthFile]:
    """Return the latest version of each month, the latest month first."""
    newest = MonthFile.objects.filter(month=OuterRef("month")).order_by("-version").values("pk")[:1]
    return MonthFile.objects.filter(pk=Subquery(newest)).order_by("-month")


def versions(month: Month) -> list[MonthFile]:
    """Load the versions of a month, the newest first. Causes one query."""
    return list(MonthFile.objects.filter(month=month.first).order_by("-version"))


def latest_version(month: Month) -> MonthFile | None:
    """Return the newest version of a month, None before the first."""
    return MonthFile.objects.filter(month=month.first).order_by("-version").first()


def version(month: Month, number: int) -> MonthFile:
    """Return one version of a month.

    Raises MonthFile.DoesNotExist when there is none.
    """
    return MonthFile.objects.get(month=month.first, version=number)


def content(file: MonthFile, ending: str) -> Iterator[bytes]:
    """Yield a version as it was published, as csv or json; opens the file when it is first read."""
    sha256 = file.csv_sha256 if ending == "csv" else file.json_sha256
    with default_storage.open(storage_name(sha256, ending)) as stored:
        while chunk := stored.read(CHUNK_BYTES):
            yield chunk


def rows_of(file: MonthFile) -> list[dict[str, Value]]:
    """Read the rows of a version from its file, every value as text."""
    return read_rows(b"".join(content(file, "csv")).decode())


def storage_name(sha256: str, ending: str) -> str:
    """Return where a published file lies: by its hash, so that it is never written twice nor over another."""
    return f"disclosure/{sha256[:2]}/{sha256}.{ending}"


def least_cases(month: Month) -> int:
    """Return the fewest cases a published cell may hold. Raises NoRuling when the book says nothing for the month."""
    return int(current_book().lookup("disclosure.month.least_cases", on=month.first).value)


def columns_of(month: Month) -> tuple[Column, ...]:
    """Return the columns of a month's file: the stages and the reasons to pause of the rules in force on its last day.

    Raises NoRuling when the book has no stages then.
    """
    book, last = current_book(), month.next.first
    stages = {str(each["id"]): Words(**each["title"]) for each in book.lookup("connection.stages", on=last).value}
    reasons = {}
    for entry in book.items():
        if entry.id.startswith(PAUSE):
            try:
                book.lookup(entry.id, on=last)
            except NoRuling:
                continue
            reasons[entry.id.removeprefix(PAUSE)] = entry.title
    return columns(stages, dict(sorted(reasons.items())))
