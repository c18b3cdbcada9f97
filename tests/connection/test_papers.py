from io import BytesIO

import pikepdf
import pytest
from django.utils import translation

from support import connections
from tongdian.connection import queries
from tongdian.connection.pages import paper_facts
from tongdian.connection.papers import contract, receipt

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["zh-hans", "en"])
class TestReceipt:
    def test_fits_one_page_and_carries_the_number(self, language):
        case = connections.submitted().case

        with (
            translation.override(language),
            pikepdf.open(BytesIO(receipt(paper_facts(case, "application.submitted")))) as pdf,
        ):
            assert len(pdf.pages) == 1
            assert case.number in str(pdf.docinfo["/Title"])

    def test_stays_the_same_whatever_happens_later(self, language):
        walk = connections.submitted()
        with translation.override(language):
            before = receipt(paper_facts(walk.case, "application.submitted"))
            walk.energised()

            assert receipt(paper_facts(walk.case, "application.submitted")) == before


class TestPaperFacts:
    def test_are_none_before_the_event(self):
        assert paper_facts(connections.submitted().case, "scheme.confirmed") is None


class TestContract:
    def test_is_printed_from_the_confirmed_scheme(self):
        case = connections.submitted().scheme_confirmed().case

        printed = contract(paper_facts(case, "scheme.confirmed"), scheme=queries.current_scheme(case))

        assert printed.startswith(b"%PDF-1.7")
