"""Reviews as lines of a terminal: the two sides of a joining, and the figures estimated from a sample."""

from collections.abc import Iterable
from dataclasses import asdict
from io import StringIO
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from vocabulary.texts import text

if TYPE_CHECKING:
    from evaluation.clerical import Estimate
    from governance.reviews import Review
    from mimamori.review import Number, Shown
    from mimamori.side_by_side import Value

LARGEST_ODDS = 1_000_000
"""Odds beyond which the exact number tells nothing more."""


def shown_lines(shown: "Shown", *, with_evidence: bool = True) -> list[str]:
    """The two sides, field by field; a sampled pair is shown without its evidence, so that nobody follows it."""
    table = Table(show_header=True, header_style="", box=None, padding=(0, 2, 0, 0))
    for name, share in (("field", None), ("agreement", None), ("left", 1), ("right", 1)):
        table.add_column(text(f"review.column_{name}"), ratio=share, overflow="fold", no_wrap=share is None)
    table.add_row(text("review.field_numbers"), "", _numbers(shown.numbers_left), _numbers(shown.numbers_right))
    for field in shown.fields:
        agreement = text(f"review.agreement_{field.agreement}")
        table.add_row(text(f"review.field_{field.name}"), agreement, _values(field.left), _values(field.right))
    lines = [text("review.shown", left=shown.left, right=shown.right, run=shown.run_id)]
    if with_evidence and shown.bits is not None:
        lines += [evidence_line(shown.bits), text("review.was_joined" if shown.joined else "review.was_apart")]
    if shown.decision is not None:
        lines.append(decision_line(shown.decision) + " " + shown.decision.reason)
    return [*lines, *_rendered(table)]


def decision_line(review: "Review") -> str:
    """A decision, its verdict and its state."""
    verdict = text(f"review.verdict_{review.verdict.replace('-', '_')}")
    return text("review.line", id=review.id, state=text(f"review.state_{review.state}"), verdict=verdict)


def evidence_line(bits: float) -> str:
    """Evidence in bits, and what odds that are."""
    odds = min(2 ** min(abs(bits), 64.0), LARGEST_ODDS)
    key = "review.evidence_same" if bits >= 0 else "review.evidence_different"
    return text(key, bits=f"{bits:.1f}", odds=f"{odds:,.0f}" if odds >= 10 else f"{odds:.1f}")


def estimate_line(name: str, found: "Estimate") -> str:
    """An estimate with its interval."""
    values: dict[str, Any] = {end: f"{getattr(found, end):.4f}" for end in ("value", "low", "high")}
    return text(f"review.estimate_{name}", **values, draws=found.draws, cannot_say=found.cannot_say)


def _numbers(numbers: Iterable["Number"]) -> str:
    return "\n".join(
        text(
            "review.number",
            source=one.source,
            local_id=one.local_id,
            first=one.first,
            last=one.last,
            records=one.records,
        )
        for one in numbers
    )


def _values(values: Iterable["Value"]) -> str:
    return "\n".join(
        f"{one.value} ({one.first if one.first == one.last else f'{one.first}-{one.last}'})" for one in values
    )


def _rendered(table: Table) -> list[str]:
    output = StringIO()
    width = max(get_terminal_size((120, 24)).columns, 80)
    Console(file=output, width=width, color_system=None, highlight=False, emoji=False, markup=False).print(table)
    return [line.rstrip() for line in output.getvalue().splitlines()]


def described(review: "Review") -> dict[str, Any]:
    """A decision without what it says of a child: the records it names and the reasons are for a logged view."""
    named = ("left", "right", "reason", "second_reason", "undone_reason")
    return {name: value for name, value in asdict(review).items() if name not in named}
