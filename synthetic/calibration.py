"""The city beside the official figures: each figure of `docs/synthetic-city.md`, the city's own, and how far it may be.

`python -m synthetic.calibration` prints the table of the document.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from synthetic.city import City, build_city
from synthetic.data import read_toml

CHILDREN, SEED = 25_000, 1
"""The city of the document's table: profile `typical`, fiscal years 2008–2025."""

COLUMNS = ("figure", "official", "city", "held between")


@dataclass(frozen=True)
class Line:
    """One figure: what it is, the official value, the bounds the city is held to, and what the city came to."""

    figure: str
    official: str
    low: float
    high: float
    value: float
    unit: str = "%"

    @property
    def holds(self) -> bool:
        """Whether the city's figure is within its bounds."""
        return self.low <= self.value <= self.high


def calibration(city: City) -> dict[str, Line]:
    """Every line of the table for `city` by its key in `official.toml`, in the order of that file."""
    values = _livelihood(city) | _families(city) | _moves(city) | _school(city) | _health(city) | _aims(city)
    return {key: Line(value=values[key], **figure) for key, figure in read_toml("official.toml").items()}


def table(lines: Iterable[Line]) -> str:
    """The lines as a Markdown table."""
    rows = [
        (line.figure, line.official, f"{line.value:.2f} {line.unit}".strip(), f"{line.low:g} – {line.high:g}")
        for line in lines
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (COLUMNS, ("---",) * len(COLUMNS), *rows))


def share(frame: pl.DataFrame, condition: pl.Expr) -> float:
    """Share of rows for which `condition` holds, in per cent; a blank does not hold."""
    return 100 * float(frame.select(condition.fill_null(value=False).mean()).item())


def _recorded(city: City, source: str) -> pl.DataFrame:
    """One record for each child and reference date of `source`, with the child, beside how it lives."""
    truth = city.truth["records"].filter(pl.col("source") == source).select("child", "as_of")
    measured = city.sources[source].drop("as_of", "local_id", "grade", strict=False)
    joined = pl.concat([truth, measured], how="horizontal").unique(
        ["child", "as_of"], keep="first", maintain_order=True
    )
    return joined.join(city.truth["presence"], on=["child", "as_of"], how="left", maintain_order="left")


def _of_present(city: City, source: str, condition: pl.Expr, among: pl.Expr) -> float:
    """Children and dates with a record of `condition`, per hundred living in the city among those of `among`."""
    recorded = _recorded(city, source).filter(condition & among)
    return 100 * len(recorded) / len(city.truth["presence"].filter(among))


def _livelihood(city: City) -> dict[str, float]:
    presence = city.truth["presence"]
    alone, at_school = pl.col("lives_with") != "both", pl.col("grade").is_between(1, 9)

    def welfare(condition: pl.Expr, among: pl.Expr | None = None) -> float:
        return _of_present(city, "welfare", condition, pl.lit(value=True) if among is None else among)

    return {
        "school_expense_aid": welfare(pl.col("school_expense_aid") == 1, at_school),
        "child_rearing_allowance": welfare(pl.col("child_rearing_allowance") != "none"),
        "public_assistance": welfare(pl.col("public_assistance") == 1),
        "protection_cases": welfare(pl.col("consultation_topics").str.contains("abuse")),
        "poverty": share(presence, pl.col("poor")),
        "poverty_one_parent": share(presence.filter(alone), pl.col("poor")),
        "father_alone": share(presence.filter(alone), pl.col("lives_with") == "father"),
        "foreign": share(presence.filter(at_school), pl.col("foreign")),
    }


def _per_thousand(city: City, event: str) -> float:
    """Events for each thousand children and years in the city."""
    events = city.truth["events"].filter(pl.col("event") == event)
    return 1000 * len(events) / _years(city)


def _years(city: City) -> float:
    """Years that the children lived in the city, all together."""
    return len(city.truth["presence"]) / _dates_a_year(city)


def _dates_a_year(city: City) -> int:
    dates = city.truth["presence"]["as_of"].unique()
    return len(dates) // len(dates.dt.offset_by("-3mo").dt.year().unique())


def _families(city: City) -> dict[str, float]:
    events = ("divorce", "step_adoption", "surname_change")
    return {event: _per_thousand(city, event) for event in events} | {"remarriage": _remarried(city)}


def _remarried(city: City) -> float:
    """Of the children still here five years after a divorce, the share with a remarriage by then."""
    events = city.truth["events"]
    divorces = events.filter(pl.col("event") == "divorce").with_columns(five=pl.col("as_of").dt.offset_by("5y"))
    still_here = city.truth["presence"].select("child", five="as_of")
    followed = divorces.join(still_here, on=["child", "five"], how="semi")
    remarriages = events.filter(pl.col("event") == "remarriage").select("child", again="as_of")
    joined = followed.join(remarriages, on="child", how="inner")
    remarried = joined.filter((pl.col("again") > pl.col("as_of")) & (pl.col("again") <= pl.col("five")))
    return 100 * remarried.select("child", "as_of").n_unique() / len(followed)


MOVES = {"moves_0_4": (0, 4), "moves_5_9": (5, 9), "moves_10_14": (10, 14), "moves_15_18": (15, 18)}


def _moves(city: City) -> dict[str, float]:
    presence, events = city.truth["presence"], city.truth["events"]
    before = presence.select("child", "age", as_of=pl.col("as_of").dt.offset_by(f"{12 // _dates_a_year(city)}mo"))
    moves = events.filter(pl.col("event") == "moved_out").join(before, on=["child", "as_of"])

    def rate(low: int, high: int) -> float:
        band = pl.col("age").is_between(low, high)
        return 100 * len(moves.filter(band)) / len(presence.filter(band)) * _dates_a_year(city)

    within = len(events.filter(pl.col("event") == "moved_within"))
    return {key: rate(*band) for key, band in MOVES.items()} | {"moves_within": within / len(moves)}


def _school(city: City) -> dict[str, float]:
    pupils = _recorded(city, "school").filter(pl.col("grade") <= 9)
    elementary = pl.col("grade") <= 6
    yearly = pupils.group_by("child", pl.col("as_of").dt.offset_by("-3mo").dt.year(), elementary.alias("elementary"))
    long_absence = yearly.agg(days=pl.col("days_absent").sum())
    assisted = _recorded(city, "welfare").filter(pl.col("public_assistance") == 1).select("child", "as_of")
    on_assistance = pupils.join(assisted, on=["child", "as_of"], how="semi")

    def absent(pupils: pl.DataFrame) -> float:
        return share(pupils, pl.col("days") >= 30)

    def gap(low: int, high: int) -> float:
        score = ((pl.col("score_language") + pl.col("score_math")) / 2).filter(pl.col("grade").is_between(low, high))
        everyone, theirs = (frame.select(score.mean()).item() for frame in (pupils, on_assistance))
        return float(everyone - theirs)

    gaps = {f"gap_grade_{grade}": gap(grade, grade) for grade in (2, 3, 4, 8)}
    gaps["gap_grades_4_to_9"] = gap(4, 9)
    return gaps | {
        "long_absence": absent(long_absence),
        "long_absence_elementary": absent(long_absence.filter("elementary")),
        "long_absence_junior_high": absent(long_absence.filter(~pl.col("elementary"))),
    }


def _health(city: City) -> dict[str, float]:
    checks = _recorded(city, "health")
    attended, complete = pl.col("attended") == 1, pl.col("vaccinations_done") >= pl.col("vaccinations_due")

    def of(checkup: str, condition: pl.Expr) -> float:
        return share(checks.filter(pl.col("checkup") == checkup), condition)

    checkups = {checkup: of(checkup, attended) for checkup in ("infant_4m", "infant_18m", "infant_36m")}
    return checkups | {"doses_18m": of("infant_18m", complete), "doses_preschool": of("preschool", complete)}


def _aims(city: City) -> dict[str, float]:
    def births(children: pl.DataFrame) -> int:
        return children.select("family", "birth_date").n_unique()

    children = city.truth["children"]
    return {
        "twins": 100 * births(children.filter("twin")) / births(children),
        "hardship": 100 * len(city.truth["shocks"]) / _years(city),
        "records": len(city.truth["records"]) / len(city.truth["presence"]),
    }


if __name__ == "__main__":
    print(table(calibration(build_city(CHILDREN, SEED)).values()))  # noqa: T201
