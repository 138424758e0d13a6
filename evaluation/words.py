"""The report's words: its texts, and what kinds, groups, rules and columns are called in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from vocabulary.source import Source, load_sources
from vocabulary.texts import Language, catalogue, text


@dataclass(frozen=True)
class Words:
    """Texts of one language."""

    language: Language

    def say(self, key: str, **values: object) -> str:
        """Text `evaluation.<key>`."""
        return text(f"evaluation.{key}", language=self.language, **values)

    def name(self, prefix: str, key: str) -> str:
        """Title of a kind, or text `evaluation.<prefix>_<key>`; the key itself where a truth brings its own name."""
        full = f"kind.{key}" if prefix == "kind" else f"evaluation.{prefix}_{key}"
        return text(full, language=self.language) if full in catalogue() else key

    def group(self, key: str) -> str:
        """Name of a group of children."""
        return self.name("group", key)

    def kind(self, key: str) -> str:
        """Name of a kind of flag or onset."""
        return self.name("kind", key)

    def rule(self, key: str) -> str:
        """Name of a rule that a list is made by."""
        return self.name("rule", key)

    def source(self, key: str) -> str:
        """Title of a source; its own name where the specification is not known."""
        known = _sources().get(key)
        return key if known is None else getattr(known.title, self.language)

    def column(self, source: str, column: str) -> str:
        """What a column is called: in Japanese by its Japanese header where there is one, else by its name."""
        measured = _sources()[source].measurements.get(column) if source in _sources() else None
        headers = () if measured is None or self.language == "en" else measured.header
        japanese = next((header for header in headers if not header.isascii()), None)
        return f"{self.source(source)}: {japanese or column}"

    def listed(self, names: list[str]) -> str:
        """Several names as one phrase."""
        return self.say("and").join(names)


@cache
def _sources() -> Mapping[str, Source]:
    return load_sources()
