import io

import pikepdf
import pytest

from tongdian.demo.papers import TITLES, paper


class TestPaper:
    @pytest.mark.parametrize("kind", TITLES)
    def test_is_a_real_pdf_named_after_its_kind(self, kind: str) -> None:
        file = paper(kind)

        with pikepdf.open(io.BytesIO(b"".join(file.chunks()))) as pdf:
            assert len(pdf.pages) == 1
        assert file.name == f"{TITLES[kind]}.pdf"

    def test_differs_from_kind_to_kind(self) -> None:
        assert len({paper(kind).content for kind in TITLES}) == len(TITLES)
