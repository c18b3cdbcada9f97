"""The files people hand in: small real PDFs, marked as a demonstration, few contents for each kind of document."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from tongdian.ui.pdf import PdfDocument, Proof, Section, render

TITLES = {
    "equipment_list": "用电设备清单",
    "design_and_description": "用电工程设计及说明书",
    "hidden_works_and_tests": "隐蔽工程施工及试验记录",
    "completion_report": "工程竣工报告(含竣工图纸)",
    "customer_request": "暂缓办理申请",
    "site_record": "现场记录",
    "permit_receipt": "行政许可受理通知",
    "public_notice": "公告",
    "supply_contract": "供用电合同",
}
# One instant for all: equal facts then give equal bytes, which are stored once.
CREATED_AT = datetime(2025, 1, 1, tzinfo=UTC)
BANNER = "演示文件,内容为虚构,不具有任何效力 · Demonstration file without any effect"


@dataclass(frozen=True)
class File:
    """A file as a form hands it over."""

    name: str
    content: bytes

    def chunks(self) -> Iterator[bytes]:
        yield self.content


@cache
def paper(kind: str, *, copy: int = 1) -> File:
    """Print the document of a kind; each copy of it is printed once, and differs from the others in its number."""
    document = PdfDocument(
        language="zh",
        issuer="演示",
        title=TITLES[kind],
        number_label="编号",
        number=f"演示-{copy:04d}",
        sections=(Section("内容", paragraphs=("本文件由演示数据生成。",)),),
        proof=Proof("说明", "https://example.invalid/", (), "没有可核验的内容。"),
        hotlines=(),
        banner=BANNER,
    )
    return File(f"{TITLES[kind]}.pdf", render(document, created_at=CREATED_AT))
