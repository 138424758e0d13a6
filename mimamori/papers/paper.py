"""A paper: sections of sentences and tables, as one HTML page without script or outside asset, or as PDF.

Counts of children and of their records are printed as statistics are released (`governance.disclosure`): from 10 up,
rounded to 5. A paper is not held against earlier releases; it has totals, and no table by groups of children.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from governance.disclosure import THRESHOLD, told
from mimamori.explain_page import environment
from mimamori.papers.pdf import as_pdf
from vocabulary.texts import Language, catalogue, text

Say = Callable[..., str]
"""A text of an area, `paper` unless another is named, in the language of the paper, by its name and values."""


@dataclass(frozen=True)
class Table:
    """A table.

    Places of columns: `numbers` that hold numbers, `lines` whose lines are not broken, `codes` which may be broken
    anywhere.
    """

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    numbers: Sequence[int] = ()
    lines: Sequence[int] = ()
    codes: Sequence[int] = ()


@dataclass(frozen=True)
class Section:
    """A heading, sentences, tables, of which those without rows are left out, and texts to be copied as they are."""

    title: str
    said: Sequence[str] = ()
    tables: Sequence[Table] = ()
    copied: Sequence[str] = ()


@dataclass(frozen=True)
class Paper:
    """A whole paper in one language; `warning` is set apart at its head."""

    language: Language
    title: str
    lead: Sequence[str]
    sections: Sequence[Section]
    warning: str | None = None


def saying(language: Language, area: str = "paper") -> Say:
    """The texts of an area in a language; a name with a dot is a key of another area."""

    def say(name: str, **values: object) -> str:
        return text(name if "." in name else f"{area}.{name}", language=language, **values)

    return say


def shown(count: int, say: Say) -> str:
    """A count of children or of their records as it may be printed."""
    return shown_told(told(count), say)


def shown_told(count: int | None, say: Say) -> str:
    """What `governance.disclosure.told` gives of a count."""
    return say("paper.fewer", least=THRESHOLD) if count is None else say("paper.about", count=f"{count:,}")


def kind_name(kind: str, say: Say) -> str:
    """What a kind of log entry is called; one that an edited log has, and the program does not, by itself."""
    return say(f"entry.{kind}") if f"entry.{kind}" in catalogue() else kind


def rendered(paper: Paper) -> str:
    """The paper as an HTML document."""
    page = environment().get_template("papers/paper.html")
    return page.render(title=paper.title, language=paper.language, paper=paper)


def write_paper(paper: Paper, file: Path) -> Path:
    """Write a paper into a file that its owner alone may read until they pass it on; as PDF where its name says so."""
    page = rendered(paper)
    content = as_pdf(page) if file.suffix == ".pdf" else page.encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_bytes(content)
    return file
