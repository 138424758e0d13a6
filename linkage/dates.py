"""Dates as Japanese offices write them: ISO, with slashes or dots, eight digits, or by era (wareki) or its number.

An era year is read as a calendar year up to the era's last one, whatever the day: 平成31年5月1日 is 1 May 2019 and
令和元年4月1日 is 1 April 2019, since forms keep printing the era that was current when they were made and fiscal years
begin before the era that names them. 平成32年 is no date: more often a slip than a date of 2020.
"""

import polars as pl

from linkage.numerals import NUMERAL, with_digits
from linkage.unique import map_unique
from vocabulary.identity import Order

ERAS = {  # calendar year before the first one of the era, last era year, ways to write it
    "令和": (2018, 99, ("令和", "令", "R", "㋿")),
    "平成": (1988, 31, ("平成", "平", "H", "㍻")),
    "昭和": (1925, 64, ("昭和", "昭", "S", "㍼")),
    "大正": (1911, 15, ("大正", "大", "T", "㍽")),
    "明治": (1867, 45, ("明治", "明", "M", "㍾")),
}
ERA_OF_NUMBER = {"3": "昭和", "4": "平成", "5": "令和"}

_ERA = "|".join(spelling for _, _, spellings in ERAS.values() for spelling in spellings)
_MIDNIGHT = r"(?:[T ]0?0:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_SEPARATED = rf"^(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?{_MIDNIGHT}$"
_DIGITS = r"^(\d{4})(\d{2})(\d{2})$"
_WAREKI = rf"^(?:{_ERA})\.?(\d{{1,2}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?$"
_WAREKI_DIGITS = rf"^(?:{_ERA})(\d{{2}})(\d{{2}})(\d{{2}})$"
_ERA_NUMBER_DIGITS = r"^([345])(\d{2})(\d{2})(\d{2})$"  # 昭和 3, 平成 4, 令和 5: 5070401, as resident registers print
_SEPARATED_YEAR_LAST = rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_MIDNIGHT}$"
_DIGITS_YEAR_LAST = r"^(\d{2})(\d{2})((?:18|19|20)\d{2})$"  # so that none of it is a date with its year first, too
_YEAR_LAST: dict[Order, list[tuple[int, int, int]]] = {  # groups of year, month and day, the usual order first
    "year_first": [],
    "month_first": [(3, 1, 2), (3, 2, 1)],
    "day_first": [(3, 2, 1), (3, 1, 2)],
}
_HYPHENS = "[‐‑‒–—―−ー－・]"


def parse_dates(column: pl.Series, order: Order = "year_first") -> pl.Series:
    """Dates of a String column; null where a value is null or no valid date.

    Month or day first are `07/24/1988` and `24/07/1988`, and the same without separators. What is no date in the order
    of its column is read in the only order in which it is one, since clerks exchange day and month.
    """
    different = column.drop_nulls().unique()
    half_width = different.str.normalize("NFKC")
    in_digits = map_unique(half_width, with_digits) if half_width.str.contains(NUMERAL).any() else half_width
    dates = _dates(in_digits.to_frame("text").select(_normalised(pl.col("text"))).to_series(), order)
    return column.replace_strict(different, dates, default=None, return_dtype=pl.Date())


def _normalised(text: pl.Expr) -> pl.Expr:
    """Capitals, hyphens made one, 元年 numbered, spaces gone but before a time of day."""
    plain = text.str.strip_chars().str.to_uppercase()
    plain = plain.str.replace_all(_HYPHENS, "-").str.replace(r"元(年|[-/.])", "1${1}")
    number = plain.str.extract(_ERA_NUMBER_DIGITS, 1).replace_strict(ERA_OF_NUMBER, default=None)
    plain = pl.when(number.is_not_null()).then(number + plain.str.slice(1)).otherwise(plain)
    return plain.str.replace_all(r"\s+(\d\d?:)", "T${1}").str.replace_all(r"\s+", "")


def _dates(text: pl.Series, order: Order) -> pl.Series:
    """The date of each text in the first form in which it is one."""
    dates = pl.Series([None], dtype=pl.Date()).new_from_index(0, text.len())
    for pattern, by_era, groups in _forms(order):
        if not dates.null_count():
            break
        places = (dates.is_null() & text.str.contains(pattern)).fill_null(False).arg_true()
        if places.len():
            found = text.gather(places).to_frame("text").select(_date(pl.col("text"), pattern, groups, by_era=by_era))
            dates = dates.scatter(places, found.to_series())
    return dates


def _forms(order: Order) -> list[tuple[str, bool, tuple[int, int, int]]]:
    """Patterns, whether their year is one of an era, and their groups of year, month and day; the likeliest first."""
    year_first = (1, 2, 3)
    year_last = [
        (pattern, False, groups)
        for groups in _YEAR_LAST[order]
        for pattern in (_SEPARATED_YEAR_LAST, _DIGITS_YEAR_LAST)
    ]
    return [
        (_SEPARATED, False, year_first),
        *year_last,
        (_DIGITS, False, year_first),
        (_WAREKI, True, year_first),
        (_WAREKI_DIGITS, True, year_first),
    ]


def _date(text: pl.Expr, pattern: str, groups: tuple[int, int, int], *, by_era: bool) -> pl.Expr:
    """The date that `pattern` finds, `groups` being those of year, month and day; null where there is no such day."""
    found = text.str.extract_groups(pattern).struct
    year, month, day = (found.field(str(group)).cast(pl.Int32, strict=False) for group in groups)
    if by_era:
        year = _calendar_year(text.str.extract(f"^({_ERA})", 1), year)
    parts = [part.cast(pl.String).str.zfill(digits) for part, digits in ((year, 4), (month, 2), (day, 2))]
    return pl.format("{}-{}-{}", *parts).str.to_date("%Y-%m-%d", strict=False)


def _calendar_year(era: pl.Expr, year: pl.Expr) -> pl.Expr:
    """The calendar year of an era's year; null where the era never reached it."""
    before, last = (
        era.replace_strict({spelling: known[part] for known in ERAS.values() for spelling in known[2]}, default=None)
        for part in (0, 1)
    )
    return pl.when(year.is_between(1, last)).then(year + before)
