"""Typed access to one mapping of a policy file; each refusal names file, line, field, value, reason and way out."""

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tongdian.policy.reading import LinedMapping, PolicyFileError
from tongdian.policy.ruling import Words


@dataclass(frozen=True)
class Section:
    """A mapping, the file it stands in and the dotted path to it."""

    file: Path
    path: str
    mapping: LinedMapping

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Raise unless every key is among `known`."""
        for key in self.mapping:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else "Remove it"
                raise self.error(key, "the key is unknown", f"{hint} Known here: {', '.join(known)}")

    def text(self, key: str, choices: Collection[str] = ()) -> str:
        """Return a text; with `choices`, only one of them passes."""
        value = self._present(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "a text is needed", "Write it in quotes")
        if choices and value not in choices:
            raise self.error(key, "the word is unknown here", f"Use one of: {', '.join(choices)}")
        return value

    def day(self, key: str) -> date:
        """Return a date."""
        value = self._present(key)
        if type(value) is not date:
            raise self.error(key, "a date is needed", "Write it as 2021-05-10, without quotes")
        return value

    def optional_day(self, key: str) -> date | None:
        """Return a date, or None where the key is absent."""
        return self.day(key) if key in self.mapping else None

    def words(self, key: str) -> Words:
        """Return a text in both languages."""
        section = self.section(key)
        section.refuse_unknown(("zh", "en"))
        return Words(section.text("zh"), section.text("en"))

    def optional_words(self, key: str) -> Words | None:
        """Return a text in both languages, or None where the key is absent."""
        return self.words(key) if key in self.mapping else None

    def section(self, key: str) -> "Section":
        """Return the mapping under `key`."""
        value = self._present(key)
        if not isinstance(value, LinedMapping):
            raise self.error(key, "a mapping is needed", "Indent its keys below it")
        return Section(self.file, self._at(key), value)

    def sections(self, key: str) -> Iterator["Section"]:
        """Yield each mapping of the non-empty list under `key`."""
        value = self._present(key)
        if not isinstance(value, list) or not value:
            raise self.error(key, "a list with at least one item is needed", "Start each item with '- '")
        for index, item in enumerate(value):
            if not isinstance(item, LinedMapping):
                raise self.error(key, f"item {index + 1} is not a mapping", "Write 'key: value' pairs under its '- '")
            yield Section(self.file, f"{self._at(key)}[{index}]", item)

    def error(self, key: str, reason: str, way_out: str) -> PolicyFileError:
        """Build the error for `key`, ready to raise."""
        return PolicyFileError(
            file=self.file,
            line=self.mapping.lines.get(key, self.mapping.line),
            field=self._at(key) if key else self.path,
            value=self.mapping.get(key),
            reason=reason,
            way_out=way_out,
        )

    def _present(self, key: str) -> Any:
        if self.mapping.get(key) is None:
            raise self.error(key, "the key is missing or empty", f"Add '{key}: …'")
        return self.mapping[key]

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
