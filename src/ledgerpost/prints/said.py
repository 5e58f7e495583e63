"""What the program says of a verdict, in another language: found by the English words, which are the program's own.

A template is said before names are put into it, so nothing that others chose can pass for words. A judge's sentences
come put together: they are told by their patterns, in which numbers, fingerprints and the program's own words vary.
Refuses to know what a verdict is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Final

from ledgerpost.prints.tongue import TABLE

_FIELD: Final = re.compile(r"\\\{(\w+)\\\}")
_SHAPES: Final[Mapping[str, str]] = {
    "who": "[0-9a-f]{16}…",
    "kind": "[a-z]+",
    "wanted": "[a-z ]+",
    "numbers": "[0-9, ]+",
    "why": ".+",
    "name": ".+",
}
"""What may stand for a field of a pattern, by its name; for any other, digits."""


@dataclass(frozen=True)
class Said:
    """The words of the language ``code``. ``templates``, and ``sentences`` with their fields, by the English ones."""

    code: str = "en"
    templates: Mapping[str, str] = field(default_factory=dict)
    sentences: Mapping[str, str] = field(default_factory=dict)

    def say(self, template: str) -> str:
        """A template in this language; in English where it has none."""
        return self.templates.get(template, template)

    def said(self, words: str) -> str | None:
        """A sentence in this language; None if it is not known. A reason in it that is not known stays English."""
        for pattern, template in self._patterns:
            if found := pattern.fullmatch(words):
                return template.format(**{name: self._part(name, part) for name, part in found.groupdict().items()})
        return None

    def _part(self, name: str, words: str) -> str:
        known = self.said(words) if name == "why" else self.sentences.get(words) if name == "kind" else None
        return words if known is None else known

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((_pattern(english), template) for english, template in self.sentences.items())


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile(_FIELD.sub(lambda at: f"(?P<{at[1]}>{_SHAPES.get(at[1], '[0-9]+')})", re.escape(english)))


def said_in(code: str) -> Said:
    """The words of a language in ``TABLE``; none for English."""
    if code == "en":
        return Said()
    words: Said = import_module(f"ledgerpost.prints.said_{TABLE[code]}").SAID
    return words
