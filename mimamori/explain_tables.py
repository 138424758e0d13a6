"""What an explanation shows, as rows of words: the tables of the terminal and of the page alike."""

from collections.abc import Iterable

from linkage.explaining import Explanation, Reading
from mimamori.explain import Group, Joining, PairShown
from mimamori.explain_words import group_name, probability_said, signed, steps, total_name, values_said
from vocabulary.texts import text

Row = tuple[str, ...]


def headers(*names: str) -> Row:
    """Headers of these columns."""
    return tuple(text(f"explain.column_{name}") for name in names)


def group_rows(groups: Iterable[Group]) -> list[Row]:
    """`profile`, `source`, `number`, `first`, `last`, `records`, `person` of each group."""
    return [
        (str(one.profile), one.source, one.local_id, str(one.first), str(one.last), str(one.records), one.person_id)
        for one in groups
    ]


def step_rows(explanation: Explanation, reading: Reading) -> list[Row]:
    """`term`, `level`, `bits`, `sum` of each step of a reading, and of its total."""
    found = steps(explanation, reading)
    rows = [(step.name, step.said, signed(step.bits), signed(step.after)) for step in found]
    return [*rows, (total_name(explanation, reading), "", "", signed(found[-1].after))]


def way_headers(explanation: Explanation) -> Row:
    """The way, its shares, and each household comparison."""
    comparisons = (text(f"explain.term_{name}") for name in explanation.ways[0].bits)
    return (*headers("way", "share", "likely"), *comparisons)


def way_rows(explanation: Explanation) -> list[Row]:
    """Each way the household may show: its share, how likely it is of these two, the bits of each comparison in it."""
    return [
        (text(f"explain.way_{way.way}"), f"{way.share:.1%}", f"{way.likely:.1%}", *map(signed, way.bits.values()))
        for way in explanation.ways
    ]


def value_headers(shown: PairShown) -> Row:
    """The field, whether it agrees, and the two groups by name."""
    return (*headers("field", "compared"), group_name(shown.left), group_name(shown.right))


def value_rows(shown: PairShown) -> list[Row]:
    """Each field, whether it agrees, and the values of either side, a line each."""
    return [
        (
            text(f"review.field_{field.name}"),
            text(f"review.agreement_{field.agreement}"),
            "\n".join(values_said(field.left)),
            "\n".join(values_said(field.right)),
        )
        for field in shown.fields
    ]


def joining_rows(joinings: Iterable[Joining], groups: Iterable[Group], *, weakest: Joining | None = None) -> list[Row]:
    """`left`, `right`, `bits`, `probability`, `remark` of each joining of a child's groups or of an offer to them."""
    names = {group.profile: group_name(group) for group in groups}
    return [
        (
            f"{one.left} {names.get(one.left, '')}",
            f"{one.right} {names.get(one.right, '')}",
            signed(one.bits),
            probability_said(one.probability),
            _remark(one, weakest=one == weakest, own=one.person_left if one.left in names else one.person_right),
        )
        for one in joinings
    ]


def _remark(joining: Joining, *, weakest: bool, own: str) -> str:
    """That it is the weakest, who the other child is, that a reviewer decided."""
    remarks = [text("explain.weakest_link")] if weakest else []
    remarks += [
        text("explain.of_person", person=person)
        for person in (joining.person_left, joining.person_right)
        if person != own
    ]
    if joining.verdict is not None:
        remarks.append(text("explain.by_review", verdict=text(f"review.verdict_{joining.verdict}")))
    return " ".join(remarks)
