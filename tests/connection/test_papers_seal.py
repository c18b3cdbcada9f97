"""The receipt hands its reader the state of the log before the event."""

from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from django.utils import translation

from support import connections
from tongdian.case.queries.log import Seal
from tongdian.connection.pages import paper_facts
from tongdian.connection.papers import receipt

pytestmark = pytest.mark.django_db
SEAL = Seal(size=12, root="ab" * 32, key="tongdian.example/0123456789+0123abcd+" + "A" * 44)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
class TestReceipt:
    def test_prints_the_checkpoint_before_and_the_key_on_one_page(self, language):
        facts = paper_facts(connections.submitted().case, "application.submitted")
        facts.case.address = "示例工业园区中心大道与东环路交叉口向北三百米路西示例食品厂北门 141 号"
        with translation.override(language):
            without, sealed = receipt(replace(facts, seal=None)), receipt(replace(facts, seal=SEAL))

        with pikepdf.open(BytesIO(sealed)) as pdf:
            assert len(pdf.pages) == 1
        assert sealed != without
