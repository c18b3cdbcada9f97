from django.db import transaction
from django.utils import timezone

from support.frame_cases import new_case
from tongdian.case import operations
from tongdian.case.models import Case, CaseTerms, FirmTerms
from tongdian.case.operations import parties, search


def numbered(*firms: str) -> Case:
    case = new_case()
    with transaction.atomic():
        for firm in firms:
            parties.add_party(case, role="applicant", kind="organisation", facts=parties.PartyFacts(firm))
        operations.assign_number(case, now=timezone.now())
    return case


class TestIndex:
    def test_replaces_what_was_found_before(self, founded, django_assert_num_queries):
        case = numbered()
        case.address = "黄河路12号"

        with django_assert_num_queries(1):
            search.index(case)

        terms = CaseTerms.objects.get(case=case).terms
        assert {"黄河", "huang he", "12"} <= set(terms)
        assert "经十" not in terms


class TestRebuild:
    def test_writes_every_case_anew_in_batches(self, founded):
        firm, plain, gone = numbered("样例纺织"), numbered(), numbered("旧名")
        gone.parties.all().delete()
        CaseTerms.objects.update(terms=["old"])
        FirmTerms.objects.update(terms=["old"])

        assert list(search.rebuild(batch=2)) == [2, 3]

        assert not CaseTerms.objects.filter(terms__contains=["old"]).exists()
        assert {each.case_id for each in CaseTerms.objects.filter(terms__contains=["食品"])} >= {firm.pk, plain.pk}
        assert [each.case_id for each in FirmTerms.objects.filter(terms__contains=["纺织"])] == [firm.pk]
        assert FirmTerms.objects.count() == 1
