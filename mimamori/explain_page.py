"""An explanation as one HTML page that needs nothing else: no script, no outside asset, charts as inline SVG."""

from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from linkage.explaining import Explanation, Reading
from mimamori import explain_tables as tables
from mimamori.explain import PairShown, PersonShown
from mimamori.explain_charts import FONT, dendrogram, waterfall
from mimamori.explain_words import (
    READINGS,
    group_name,
    pair_said,
    probability_said,
    reading_title,
    signed,
    steps,
    time_said,
    total_name,
)
from mimamori.review_screen import evidence_line
from vocabulary.texts import current_language, text


def explained_page(shown: PairShown | PersonShown) -> str:
    """What is shown of two groups of records, or of a child, as a whole HTML document in the current language."""
    person = isinstance(shown, PersonShown)
    return (
        environment()
        .get_template("explain_page.html")
        .render(
            title=text("explain.title_person" if person else "explain.title_pair"),
            shown=shown,
            person=person,
            readings=READINGS,
            **(_of_person(shown) if isinstance(shown, PersonShown) else {}),
            **_words(),
        )
    )


def environment() -> Environment:
    """Where the templates are, and what each of them needs."""
    page = Environment(
        loader=PackageLoader("mimamori", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.globals |= {"text": text, "language": current_language(), "font": FONT, "headers": tables.headers}
    return page


def drawing(svg: str) -> Markup:
    """A chart of ours, which its maker escaped."""
    return Markup(svg)  # noqa: S704


def _words() -> dict[str, object]:
    return {
        "evidence_line": evidence_line,
        "pair_said": pair_said,
        "reading_title": reading_title,
        "time_said": time_said,
        "waterfall": _waterfall,
        "groups": tables.group_rows,
        "step_rows": tables.step_rows,
        "way_headers": tables.way_headers,
        "way_rows": tables.way_rows,
        "value_headers": tables.value_headers,
        "value_rows": tables.value_rows,
    }


def _of_person(shown: PersonShown) -> dict[str, object]:
    names = {group.profile: group_name(group) for group in shown.groups}
    weakest = shown.joinings[-1] if shown.joinings else None
    line = weakest and text(
        "explain.weakest_line",
        left=names[weakest.left],
        right=names[weakest.right],
        bits=signed(weakest.bits),
        probability=probability_said(weakest.probability),
    )
    return {
        "weakest": line,
        "tree": drawing(dendrogram(shown.groups, shown.joinings)) if shown.joinings else None,
        "joining_rows": partial(tables.joining_rows, groups=shown.groups, weakest=weakest),
    }


def _waterfall(explanation: Explanation, reading: Reading) -> Markup:
    return drawing(waterfall(steps(explanation, reading), total_name(explanation, reading)))
