"""What a search finds a case by: bigrams, pinyin and words, each in an array with an index."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tongdian.case.models.frame import Case


class CaseTerms(models.Model):
    """Terms of the number, title and address: for everybody who may see the case."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="terms")
    terms = ArrayField(models.TextField())

    class Meta:
        indexes = [GinIndex(fields=["terms"], name="case_terms_gin")]


class FirmTerms(models.Model):
    """Terms of the names of organisations in a case: only for who may see them. Persons are never indexed."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="firm_terms")
    terms = ArrayField(models.TextField())

    class Meta:
        indexes = [GinIndex(fields=["terms"], name="case_firm_terms_gin")]
