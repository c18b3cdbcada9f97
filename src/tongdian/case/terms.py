"""The terms a text is found by: characters, pairs of characters, pinyin in full and by initials. Pure.

A text and a question are cut the same way, so that every part of a text that says anything finds it:

    黄河路12号   characters 黄 河 路 1 2 号, pairs 黄河 河路 路1 12 2号
                 pinyin     huang h, he h, lu l, hao h; pairs "huang he" "huang h" "h he" "h h" "he lu" …

What is typed in letters may be cut into syllables and initials in more than one way; each way is an alternative.
"""

import itertools
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

# Syllables of standard Chinese without tone, by initial; ü is typed v.
_SYLLABLES = """
: a ai an ang ao e ei en eng er o ou
b: a ai an ang ao ei en eng i ian iao ie in ing o u
c: a ai an ang ao e en eng i ong ou u uan ui un uo
ch: a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo
d: a ai an ang ao e en eng i ian iao ie ing iu ong ou u uan ui un uo
f: a an ang ei en eng iao o ou u
g: a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
h: a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
j: i ia ian iang iao ie in ing iong iu u uan ue un
k: a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo
l: a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve
m: a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u
n: a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve
p: a ai an ang ao ei en eng i ian iao ie in ing o ou u
q: i ia ian iang iao ie in ing iong iu u uan ue un
r: an ang ao e en eng i ong ou u ua uan ui un uo
s: a ai an ang ao e en eng i ong ou u uan ui un uo
sh: a ai an ang ao e en eng i ou u ua uai uan uang ui un uo
t: a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo
w: a ai an ang ei en eng o u
x: i ia ian iang iao ie in ing iong iu u uan ue un
y: a an ang ao e i in ing o ong ou u uan ue un
z: a ai an ang ao e ei en eng i ong ou u uan ui un uo
zh: a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo
"""
SYLLABLES = frozenset(
    initial + final
    for initial, finals in (line.split(":") for line in _SYLLABLES.strip().splitlines())
    for final in finals.split()
)
LONGEST_SYLLABLE = 6
# No syllable begins with them, so they never stand for a character.
NOT_INITIALS = frozenset("iuv")
# How many ways of cutting typed letters are tried, and how many letters are looked at.
MOST_WAYS, MOST_LETTERS = 16, 40
# A part of a case number: so many digits mean its serial, more than LONG_PART any part of it.
SHORTEST_PART, LONG_PART, TAIL = 3, 6, 7

RUN = re.compile(r"[\u3400-\u9fffa-z0-9]+")
PART = re.compile(r"[a-z]+|[^a-z]+")
CHINESE = re.compile(r"[\u3400-\u9fff]+")
COUNTED = re.compile(r"[零一二三四五六七八九十百]+(?=号|栋|幢|楼|层|室|单元)")
_DIGITS = "零一二三四五六七八九"
# Figures as they stand on deeds and cheques, and the round nought.
_FOLDED = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰〇ü", "一二三四五六七八九十百零v")


@dataclass(frozen=True)
class Wanted:
    """What a text must have to answer a question: every term of `all_of`, and of each choice all terms of one way."""

    all_of: tuple[str, ...] = ()
    choices: tuple[tuple[tuple[str, ...], ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.all_of or self.choices)

    def is_met(self, terms: frozenset[str] | set[str]) -> bool:
        """Decide in memory what the index decides in the database."""
        has_one = all(any(terms.issuperset(way) for way in ways) for ways in self.choices)
        return terms.issuperset(self.all_of) and has_one


def normalised(text: str) -> str:
    """Return the text with full-width forms and figures of deeds folded and capitals lowered."""
    return unicodedata.normalize("NFKC", text).lower().translate(_FOLDED)


def terms_of(text: str) -> set[str]:
    """Return everything the text is found by."""
    found: set[str] = set()
    for run in RUN.findall(normalised(text)):
        found |= {*run, *_pairs(run), *_pairs(_in_digits(run))}
        for characters in CHINESE.findall(run):
            found |= _pinyin_of(characters)
    return found


def wanted(question: str) -> Wanted:
    """Return what a text must have to answer a question; empty when the question says nothing.

    Blanks and punctuation separate parts that may stand anywhere in the text.
    """
    all_of: set[str] = set()
    choices = []
    for run in RUN.findall(normalised(question)):
        for part in PART.findall(run):
            if part[0].isascii() and part[0].isalpha():
                choices.append(_ways_to_read(part[:MOST_LETTERS]))
            elif (counted := _in_digits(part)) != part:
                choices.append((_grams(part), _grams(counted)))
            else:
                all_of |= set(_grams(part))
    return Wanted(tuple(sorted(all_of)), tuple(choices))


def number_terms(number: str) -> set[str]:
    """Return what parts of a case number find it: threes of digits, those of its last seven (its serial) apart."""
    digits = number.replace("-", "")
    return {f"#{part}" for part in _threes(digits)} | {f"##{part}" for part in _threes(digits[-TAIL:])}


def wanted_of_number(question: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the digits of a part of a case number and its terms; None when the question cannot be one."""
    digits = normalised(question).strip().replace("-", "")
    if len(digits) < SHORTEST_PART or not (digits.isascii() and digits.isdigit()):
        return None
    mark = "##" if len(digits) < LONG_PART else "#"
    return digits, tuple(sorted({f"{mark}{part}" for part in _threes(digits)}))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _threes(digits: str) -> list[str]:
    return [digits[at : at + 3] for at in range(len(digits) - 2)]


def _grams(part: str) -> tuple[str, ...]:
    return tuple(_pairs(part)) or (part,)


def _in_digits(run: str) -> str:
    """Return the run with counted Chinese figures, as in 十二号, written 12号."""
    return COUNTED.sub(lambda found: str(_figure(found.group())), run)


def _figure(text: str) -> int:
    """Read a Chinese figure below 1000; a mere row of digits, as in 一二号, is read digit by digit."""
    if not set(text) & set("十百"):
        return int("".join(str(_DIGITS.index(digit)) for digit in text))
    total = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS.index(character)
        else:
            total, digit = total + (digit or 1) * (10 if character == "十" else 100), 0
    return total + digit


def _pinyin_of(characters: str) -> set[str]:
    read = [(syllable, syllable[0]) for syllable in lazy_pinyin(characters, style=Style.NORMAL)]
    followed = itertools.pairwise(read)
    return {form for forms in read for form in forms} | {
        f"{first} {second}" for here, there in followed for first in here for second in there
    }


@lru_cache(maxsize=1024)
def _ways_to_read(letters: str) -> tuple[tuple[str, ...], ...]:
    """Return the terms of each way to read letters: as they stand, as initials, as syllables mixed with initials."""
    ways = [list(letters)] if not NOT_INITIALS & set(letters) else []
    ways += _cuts(letters)
    read = [tuple(f"{first} {second}" for first, second in itertools.pairwise(way)) or way for way in ways]
    return tuple(dict.fromkeys(tuple(sorted({*way})) for way in [_grams(letters), *read]))


def _cuts(letters: str) -> list[list[str]]:
    """Cut letters into syllables and initials: the ways with fewest initials, then fewest pieces, first."""
    ways: list[list[list[str]]] = [[] for _ in letters] + [[[]]]
    for start in range(len(letters) - 1, -1, -1):
        for stop in range(start + 1, min(start + LONGEST_SYLLABLE, len(letters)) + 1):
            if piece := _piece(letters[start:stop]):
                ways[start] += [[piece, *rest] for rest in ways[stop]]
        ways[start] = sorted(ways[start], key=lambda way: (sum(len(each) == 1 for each in way), len(way)))[:MOST_WAYS]
    return ways[0]


def _piece(letters: str) -> str:
    """Return the term of a syllable or initial (zh, ch and sh are found by their first letter), "" for neither."""
    if letters in SYLLABLES:
        return letters
    if letters in {"zh", "ch", "sh"} or (len(letters) == 1 and letters not in NOT_INITIALS):
        return letters[0]
    return ""
