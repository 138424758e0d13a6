"""The threats of `docs/threat-model.md` as data in both languages, and as a part of a paper."""

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from operator import attrgetter

from pydantic import BaseModel, ConfigDict

from mimamori.papers.assessment_basis import Words
from mimamori.papers.paper import Section
from vocabulary.source import Titled


class ThreatRow(BaseModel):
    """What they can do, what then happens, and the test that shows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    can: Titled
    then: Titled
    test: str


class Threat(BaseModel):
    """One of whom harm could come from, or what it could come by; `left` is what is not prevented."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Titled
    lead: Titled
    left: Titled
    rows: tuple[ThreatRow, ...]


@cache
def threats() -> tuple[Threat, ...]:
    """All of them, in the order of the page."""
    stated = tomllib.loads((files("mimamori") / "papers" / "threats.toml").read_text("utf-8"))
    return tuple(Threat.model_validate(one) for one in stated["threats"])


def threat_sections(words: Words) -> list[Section]:
    """A section that says what they are, and one for each."""
    said = attrgetter(words.language)
    first = Section(words.say("threats_title"), [words.say("threats_said")])
    return [first, *(_section(one, words, said) for one in threats())]


def _section(threat: Threat, words: Words, said: Callable[[Titled], str]) -> Section:
    title = said(threat.title)
    rows = [tuple(_plain(one) for one in (said(row.can), said(row.then), row.test)) for row in threat.rows]
    left = words.say("threat_left", left=_plain(said(threat.left)))
    return Section(title, [said(threat.lead), left], [words.table(title, rows, ("can", "then", "test"))])


def _plain(markdown: str) -> str:
    """Text of the page without its marks of code and links."""
    return markdown.replace("`", "").replace("[", "").replace("](", " (")
