"""Dated, cited rules: schema and lookup over packaged YAML; pure."""

from tongdian.policy.book import Book, NoRuling
from tongdian.policy.loading import current_book, load_book, packaged_book
from tongdian.policy.places import NotADivisionCode
from tongdian.policy.reading import PolicyFileError
from tongdian.policy.ruling import UNKNOWN, Entry, Ruling, Source, Words, plain

__all__ = [
    "UNKNOWN",
    "Book",
    "Entry",
    "NoRuling",
    "NotADivisionCode",
    "PolicyFileError",
    "Ruling",
    "Source",
    "Words",
    "current_book",
    "load_book",
    "packaged_book",
    "plain",
]
