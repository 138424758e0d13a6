"""How things are written: the forms of dates, readings, addresses and numbers that departments use."""

from collections.abc import Callable
from datetime import date

import jaconv
import polars as pl

from synthetic.data import read_toml
from synthetic.slips import by_unique, hiragana

ERAS = (
    (date(2019, 5, 1), 2019, "R", "令和"),
    (date(1989, 1, 8), 1989, "H", "平成"),
    (date(1926, 12, 25), 1926, "S", "昭和"),
)
KANJI_DIGITS = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))
WIDE_DIGITS = dict(zip("0123456789", "０１２３４５６７８９", strict=True))
Form = Callable[[pl.Series], pl.Series]


def _era(day: date) -> tuple[str, str, int]:
    for first, year, letter, name in ERAS:
        if day >= first:
            return letter, name, day.year - year + 1
    raise ValueError("no era before Showa is written")


def _wareki(day: str) -> str:
    when = date.fromisoformat(day)
    letter, _, year = _era(when)
    return f"{letter}{year}.{when.month}.{when.day}"


def _wareki_long(day: str) -> str:
    when = date.fromisoformat(day)
    _, name, year = _era(when)
    return f"{name}{'元' if year == 1 else year}年{when.month}月{when.day}日"


def _slashes(day: str) -> str:
    when = date.fromisoformat(day)
    return f"{when.year}/{when.month}/{when.day}"


DATES: dict[str, Callable[[str], str]] = {
    "iso": str,
    "slash": _slashes,
    "wareki": _wareki,
    "wareki_long": _wareki_long,
}


def write_dates(days: pl.Series, form: str) -> pl.Series:
    """Dates in one of the forms of `DATES`; nulls stay null."""
    return by_unique(days.dt.to_string("iso"), DATES[form])


KANA: dict[str, Form] = {
    "katakana": lambda values: values,
    "hiragana": hiragana,
    "half": lambda values: by_unique(values, jaconv.z2h),
}
PHONES: dict[str, Form] = {
    "plain": lambda values: values,
    "hyphen": lambda values: values.str.replace(r"^(072)(\d{3})(\d{4})$", "$1-$2-$3").str.replace(
        r"^(0\d0)(\d{4})(\d{4})$", "$1-$2-$3"
    ),
    "wide": lambda values: by_unique(PHONES["hyphen"](values), _widen),
}
POSTAL: dict[str, Form] = {
    "plain": lambda values: values,
    "hyphen": lambda values: values.str.replace(r"^(\d{3})(\d{4})$", "$1-$2"),
    "wide": lambda values: by_unique(POSTAL["hyphen"](values), _widen),
}


def _widen(text: str) -> str:
    return str(jaconv.h2z(text, digit=True, ascii=True)).replace("-", "－")


ADDRESSES = ("long", "hyphens", "kanji_chome", "short", "full")
"""Forms of an address: 1丁目2番3号 · 1-2-3 · 一丁目２－３ · 1-2-3 alone · １丁目２番地の３ with prefecture."""


def _wide(number: pl.Expr) -> pl.Expr:
    return number.str.replace_many(WIDE_DIGITS)


def write_addresses(homes: pl.DataFrame, form: str, with_room: pl.Series) -> pl.Series:
    """Addresses of `homes` (one row a record) in one of the forms of `ADDRESSES`; building and room where asked."""
    prefecture, city = (read_toml("towns.toml")[name] for name in ("prefecture", "city"))
    chome, ban, go, room = (pl.col(name).cast(pl.String) for name in ("chome", "ban", "go", "room"))
    small_ke = pl.col("town").str.replace_all("ケ", "ヶ")
    street, within = {
        "long": (
            pl.format(city + "{}{}丁目{}番{}号", small_ke, chome, ban, go),
            pl.format("　{}{}号室", "building", room),
        ),
        "hyphens": (pl.format(city + "{}{}-{}-{}", "town", chome, ban, go), pl.format(" {} {}", "building", room)),
        "kanji_chome": (
            pl.format(city + "{}{}丁目{}－{}", "town", chome.str.replace_many(KANJI_DIGITS), _wide(ban), _wide(go)),
            pl.format("{}{}", "building", _wide(room)),
        ),
        "short": (pl.format("{}{}-{}-{}", "town", chome, ban, go), pl.format("-{}", room)),
        "full": (
            pl.format(prefecture + city + "{}{}丁目{}番地の{}", "town", _wide(chome), _wide(ban), _wide(go)),
            pl.format("　{}{}", "building", room),
        ),
    }[form]
    asked = pl.lit(with_room) & pl.col("room").is_not_null()
    return homes.select(address=street + pl.when(asked).then(within).otherwise(pl.lit("")))["address"]
