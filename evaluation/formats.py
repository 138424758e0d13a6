"""How figures are written in the report: a dash for what could not be counted, never more certain than it is."""

from evaluation.estimate import Estimate
from evaluation.rate import Rate


def percent(value: float | None, digits: int = 2) -> str:
    """Write a share as per cent; one that is not whole is never rounded up to 100 %."""
    if value is None:
        return "–"
    while value < 1 and digits < 5 and float(f"{100 * value:.{digits}f}") == 100:
        digits += 1
    return f"{100 * value:.{digits}f} %"


def interval(rate: Rate | Estimate, digits: int = 1) -> str:
    """Write the interval of a share in per cent, without the sign."""
    return "–" if rate.low is None or rate.high is None else f"{100 * rate.low:.{digits}f}–{100 * rate.high:.{digits}f}"


def points(value: float | None, digits: int = 1) -> str:
    """Write a difference of shares in points, with its sign."""
    return "–" if value is None else f"{round(100 * value, digits) + 0.0:+.{digits}f}".replace("-", "−")


def span(estimate: Estimate, digits: int = 1) -> str:
    """Write the interval of a difference of shares in points."""
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"[{points(estimate.low, digits)}, {points(estimate.high, digits)}]"


def between(estimate: Estimate, digits: int = 1) -> str:
    """Write the interval of a number."""
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"[{decimal(estimate.low, digits)}, {decimal(estimate.high, digits)}]"


def count(value: float) -> str:
    """Write a number of things, with separators for thousands."""
    return f"{value:,.0f}"


def decimal(value: float | None, digits: int = 1) -> str:
    """Write a number with `digits` decimals."""
    return "–" if value is None else f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "−")


def chance(value: float | None) -> str:
    """Write a p value to three decimals; a smaller one is never written as nought."""
    return "<0.001" if value is not None and value < 0.001 else decimal(value, 3)


def in_ten(rate: Rate) -> str:
    """Write how many of ten cases are hits, to a tenth."""
    return "–" if rate.value is None else f"{10 * rate.value:.1f}"


def in_ten_interval(rate: Rate) -> str:
    """Write the interval of how many of ten cases are hits."""
    return "–" if rate.low is None or rate.high is None else f"{10 * rate.low:.1f}–{10 * rate.high:.1f}"


def in_myriad(rate: Rate) -> str:
    """Write how many of ten thousand cases are hits, to a tenth."""
    return "–" if rate.value is None else f"{10_000 * rate.value:,.1f}"


FILTERS = (
    percent, interval, points, span, between, count, decimal, chance, in_ten, in_ten_interval, in_myriad,
)  # fmt: skip
"""Those a template may use, by their names."""
