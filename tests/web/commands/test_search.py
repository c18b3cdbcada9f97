import pytest
from click.testing import CliRunner
from django.utils import timezone

from support.frame_cases import new_case
from tongdian.case import operations
from tongdian.case.models import CaseTerms
from tongdian.web.commands.search import command


@pytest.mark.django_db
class TestRebuild:
    def test_says_how_many_cases_it_did(self):
        case = new_case()
        operations.assign_number(case, now=timezone.now())
        CaseTerms.objects.all().delete()

        result = CliRunner().invoke(command, ["rebuild"])

        assert result.exit_code == 0, result.output
        assert "rebuilt the search terms of 1 cases" in result.output
        assert CaseTerms.objects.filter(case=case).exists()
