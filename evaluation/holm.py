"""Several tests at once: which are beyond chance when all together may be wrong one time in twenty (Holm 1979)."""

from collections.abc import Sequence

LEVEL = 0.05
"""Chance that any test at all is called beyond chance although nothing differs."""


def beyond_chance(p_values: Sequence[float | None], level: float = LEVEL) -> tuple[bool, ...]:
    """Tell of each test, in the order given, whether it is beyond chance; one that could not be made (None) is not."""
    made = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    beyond = [False] * len(p_values)
    for place, (p, at) in enumerate(made):
        if p > level / (len(made) - place):
            break
        beyond[at] = True
    return tuple(beyond)
