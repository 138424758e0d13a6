"""The values of the built-in indicators from a city's raw rows, in plain polars: an oracle for what reasons say.

It shares nothing with `indicators`; a department's row is read as somebody with the file open would read it. Cities
with one reference date a year only, so that a row is a child's year, but for the few children whom a department holds
under two numbers: of their rows the means of scores and scales are taken, the sums of days, and else the highest.
"""

import polars as pl

from synthetic.city import City

YEAR = ["person_id", "year"]

PART = {"none": 0, "partial": 1, "full": 2}
WEIGHT = {"health": 1, "development": 1, "childcare": 1, "truancy": 2, "poverty": 2, "abuse": 3}

AS_RECORDED = {
    "welfare": {
        "public_assistance": "public_assistance",
        "tax_exempt": "tax_exempt",
        "single_parent": "single_parent",
        "school_expense_aid": "school_expense_aid",
        "nursery_fee_arrears": "nursery_fee_arrears_months",
        "consultations": "consultation_count",
    },
    "school": {
        "lunch_fee_arrears": "lunch_fee_arrears_months",
        "score_language": "score_language",
        "score_math": "score_math",
        "self_esteem": "noncog_self_esteem",
        "perseverance": "noncog_perseverance",
        "relationships": "noncog_relationships",
        "study_habit": "study_habit",
        "life_habit": "life_habit",
        "fitness": "fitness_score",
    },
    "health": {
        "height": "height_cm",
        "weight": "weight_kg",
        "untreated_caries": "untreated_caries",
        "follow_up": "follow_up_needed",
    },
}
"""Indicators whose value stands in a column."""

MEANS = {
    "score_language",
    "score_math",
    "self_esteem",
    "perseverance",
    "relationships",
    "study_habit",
    "life_habit",
    "fitness",
}


def rows_of(city: City, source: str) -> pl.DataFrame:
    """A department's rows, each with its true child, its date and its fiscal year."""
    records = city.truth["records"].filter(pl.col("source") == source)
    assert records["local_id"].equals(city.sources[source]["local_id"])
    return city.sources[source].with_columns(
        records["child"].alias("person_id"),
        records["as_of"].alias("date"),
        (records["as_of"].dt.year() - (records["as_of"].dt.month() < 4)).cast(pl.Int32).alias("year"),
    )


def grades(city: City) -> pl.DataFrame:
    """`person_id, born, sex` of each child; `born` is the school year of birth, so that a grade is year - born - 6."""
    births = city.truth["children"].select("birth_date", person_id="child")
    day = pl.col("birth_date").dt.strftime("%m%d")
    return births.select("person_id", (pl.col("birth_date").dt.year() - (day <= "0401")).alias("born"))


def raw_values(city: City) -> dict[str, pl.DataFrame]:
    """`person_id, year, value` of each indicator but `records_stopped`."""
    rows = {source: rows_of(city, source) for source in city.sources}
    welfare, school, health = rows["welfare"], rows["school"], rows["health"]
    found = {
        name: one_a_year(rows[source], pl.col(column).mean() if name in MEANS else pl.col(column).max())
        for source, names in AS_RECORDED.items()
        for name, column in names.items()
    }
    required = pl.col("days_required").sum()
    for name, column in (("absence", "days_absent"), ("lateness", "days_late"), ("nurse_room", "nurse_room_visits")):
        found[name] = one_a_year(school, pl.when(required > 0).then(pl.col(column).sum() * 200 / required))
    part = pl.col("child_rearing_allowance").replace_strict(PART, return_dtype=pl.Float64)
    found["child_rearing_allowance"] = one_a_year(welfare, part.max())
    topics = pl.col("consultation_topics").str.split(";").list.eval(pl.element().replace_strict(WEIGHT, default=None))
    none = pl.when(pl.col("consultation_count") == 0).then(0.0)
    found["consultation_topics"] = one_a_year(welfare, pl.coalesce(topics.list.max().cast(pl.Float64), none).max())
    due = pl.col("vaccinations_due").max() - pl.col("vaccinations_done").max()
    found["vaccinations_outstanding"] = one_a_year(health, due.clip(lower_bound=0))
    found["checkups_missed"] = one_a_year(health, 1.0 - pl.col("attended").max())
    found["unsupported_hardship"] = _unsupported(welfare, school)
    return found


def one_a_year(rows: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    """One value of each child and year that has any."""
    return rows.group_by(YEAR).agg(value.cast(pl.Float64).alias("value")).drop_nulls("value").sort(YEAR)


def _unsupported(welfare: pl.DataFrame, school: pl.DataFrame) -> pl.DataFrame:
    signs = ["tax_exempt", "single_parent", "nursery_fee_arrears_months", "lunch_fee_arrears_months"]
    allowance = pl.col("child_rearing_allowance").is_in(["partial", "full"])
    helped = allowance | (pl.col("public_assistance") == 1) | (pl.col("school_expense_aid") == 1)
    both = pl.concat([welfare, school], how="diagonal")
    known = pl.any_horizontal([pl.col(sign).is_not_null().any() for sign in signs])
    count = pl.sum_horizontal([(pl.col(sign).max() > 0).fill_null(False) for sign in signs])
    return one_a_year(both, pl.when(known).then(pl.when(helped.fill_null(False).any()).then(0).otherwise(count)))
