"""The terms a text is found by: words, bigrams of characters, pinyin in full and by initials. Pure."""

import re
import unicodedata

from pypinyin import Style, lazy_pinyin

RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
# Longest run of syllables that is found written together, as in "lixiaqu".
SYLLABLES = 6
SHORTEST_TAIL = 3


def normalised(text: str) -> str:
    """Return the text with full-width forms folded and capitals lowered."""
    return unicodedata.normalize("NFKC", text).lower()


def terms_of(text: str) -> set[str]:
    """Return everything the text is found by."""
    found: set[str] = set()
    for run in RUN.findall(normalised(text)):
        found |= _terms_of_characters(run) if _is_chinese(run) else _terms_of_word(run)
    return found


def wanted_terms(query: str) -> list[str]:
    """Return the terms that a text must have, all of them, to answer a query; empty when the query says nothing."""
    wanted: set[str] = set()
    for run in RUN.findall(normalised(query)):
        wanted |= set(_bigrams(run)) if _is_chinese(run) and len(run) > 1 else {run}
    return sorted(wanted)


def _is_chinese(run: str) -> bool:
    return not run[0].isascii()


def _bigrams(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _terms_of_word(word: str) -> set[str]:
    # The last digits are what people remember of a number.
    tails = {word[-length:] for length in range(SHORTEST_TAIL, len(word))} if word.isdigit() else set()
    return {word, *tails}


def _terms_of_characters(run: str) -> set[str]:
    syllables = lazy_pinyin(run, style=Style.NORMAL)
    initials = "".join(syllable[:1] for syllable in syllables)
    found = {*run, *_bigrams(run)}
    for start in range(len(syllables)):
        for stop in range(start + 1, min(start + SYLLABLES, len(syllables)) + 1):
            found.add("".join(syllables[start:stop]))
            if stop - start > 1:
                found.add(initials[start:stop])
    return found
