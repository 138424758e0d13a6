"""What the pages of council, data owners and analysts need of the rest of the system; see `mimamori.serving_papers`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from governance.releases import Release
from governance.workspace import Workspace
from vocabulary.texts import Language


class PaperTable(Protocol):
    """A table of a paper; `numbers` are the places of columns that hold numbers."""

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    numbers: Sequence[int]


class PaperSection(Protocol):
    """A heading, sentences and tables."""

    title: str
    said: Sequence[str]
    tables: Sequence[Any]


class Paper(Protocol):
    """A paper in one language."""

    language: Language
    title: str
    lead: Sequence[str]
    sections: Sequence[Any]
    warning: str | None


@dataclass(frozen=True)
class ModelCard:
    """The linkage model in words: where it comes from, tables of what it learnt, and charts as SVG by their titles."""

    version: str
    origin: tuple[str, ...]
    tables: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...], int], ...]  # title, headers, rows, words


@dataclass(frozen=True)
class Evaluated:
    """Headlines of an evaluation beside a truth: figures with their intervals, in words. No count below ten."""

    run: str
    at: str
    linkage: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, float | None, str], ...]  # name, share, and the share in words
    groups: tuple[tuple[str, ...], ...]  # group, its shares, and whether it differs beyond chance
    said: str  # of groups whose records are linked less well


@dataclass(frozen=True)
class Oversight:
    """The functions."""

    child_views: Callable[[Workspace, str, str, str, str], Sequence[tuple[str, str, str]]]
    """Of run, child, reason and actor: time, account and page of each look at the child. Logs that it was asked."""
    years: Callable[[Workspace, str], list[int]]
    """Fiscal years of which a run has judgements, the newest first."""
    table_titles: Callable[[Workspace, Language], list[str]]
    """Titles of the fixed set of tables."""
    draft: Callable[[Workspace, str, Sequence[int], str], Release]
    """Of run, years and actor: the fixed set of tables as a draft."""
    publish: Callable[[Workspace, str, str], Release]
    """Of release and actor: its files written and logged."""
    files: Callable[[Release], dict[str, bytes]]
    """Name and content of the files of a published release."""
    model_card: Callable[[Workspace, str], ModelCard]
    """Of a run."""
    evaluated: Callable[[Workspace, str, Language], Evaluated | None]
    """Of a run; None where it was not evaluated."""
    reviewed: Callable[[Workspace, str], dict[str, Any] | None]
    """Precision and recall of a run's links as reviewers of a drawn sample found them."""
    paper: Callable[[Workspace, str, Language, date, date], Paper]
    """Of the paper's name, its language, and the days it is of."""
    paper_file: Callable[[Paper, str], bytes]
    """A paper as `html` or `pdf`."""
    public_log: Callable[[Workspace, Language], Paper] | None = None
    """What of the run log may be shown to everybody."""
