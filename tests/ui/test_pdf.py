from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from tongdian.ui.pdf import PdfDocument, Proof, Section, UnableToRenderPdf, render, unprintable

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DOCUMENT = PdfDocument(
    language="zh",
    issuer="示例供电公司",
    title="用电报装申请回执",
    number_label="办件编号",
    number="370102-2026-000001-4",
    sections=(
        Section("办理时限", rows=(("地址", "示例路 1 号"),), table_head=("环节", "时限"), table=(("受理", "1"),)),
    ),
    proof=Proof("核验", "http://localhost/verify/ab/", (("摘要", "ab" * 32),), "扫码核对。"),
    hotlines=("供电服务热线 95598", "能源监管热线 12398"),
)


class TestRender:
    def test_makes_an_archivable_pdf_with_its_own_fonts(self):
        with pikepdf.open(BytesIO(render(DOCUMENT, created_at=AT))) as pdf:
            fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
            with pdf.open_metadata() as metadata:
                assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")

        assert all("NotoSansSC" in name for name in fonts)

    def test_gives_the_same_bytes_for_the_same_facts(self):
        assert render(DOCUMENT, created_at=AT) == render(DOCUMENT, created_at=AT)

    def test_keeps_the_facts_of_one_document_out_of_the_next(self):
        other = replace(DOCUMENT, number="370202-2026-000009-1")

        assert render(other, created_at=AT) != render(DOCUMENT, created_at=AT)

    def test_reads_no_text_as_markup(self):
        hostile = replace(DOCUMENT, title='#panic("x") *粗* $x$ @y')

        assert render(hostile, created_at=AT).startswith(b"%PDF-1.7")

    def test_refuses_a_character_the_fonts_lack(self):
        with pytest.raises(UnableToRenderPdf, match="could not be displayed") as caught:
            render(replace(DOCUMENT, title="𒀀"), created_at=AT)

        assert caught.value.title == "𒀀"

    @pytest.mark.parametrize("name", ["䶮", "㛃", "珺", "鄄"])
    def test_has_the_rare_characters_of_names(self, name):
        assert render(replace(DOCUMENT, issuer=name), created_at=AT)

    def test_serves_several_threads_at_once(self):
        with ThreadPoolExecutor(8) as threads:
            rendered = list(threads.map(lambda _: render(DOCUMENT, created_at=AT), range(16)))

        assert set(rendered) == {render(DOCUMENT, created_at=AT)}


class TestUnprintable:
    @pytest.mark.parametrize("text", ["", "示例路 1 号", "1 kV·A，25 ℃", "a\u0301"])
    def test_is_empty_for_what_the_fonts_hold(self, text):
        assert unprintable(text) == ""

    @pytest.mark.parametrize("character", ["😀", "𠮷", "\ue000", "\a", "\0"])
    def test_names_the_first_character_they_lack(self, character):
        assert unprintable(f"示例{character}路") == character
