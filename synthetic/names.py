"""Who is called what: surnames by their frequency in Japan, given names by birth cohort, foreign residents' names.

A name is an index into a table of kanji and reading, so that a life can be simulated in numbers and written out once.
Readings are katakana.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import jaconv
import numpy as np
import polars as pl
from japanese_personal_name_dataset import load_dataset

from synthetic.chance import Bools, Floats, Ints, stream
from synthetic.data import read_toml

COMMON_SHARE = 0.4
"""Share of children whose name is among the listed common ones of their cohort."""

OLD_FORMS = {
    "斎": "齋斉齊", "渡辺": "渡邊渡邉", "高": "髙", "崎": "﨑", "浜": "濱濵", "沢": "澤", "島": "嶋", "広": "廣",
    "国": "國", "桜": "櫻", "吉": "𠮷", "富": "冨", "関": "關", "真": "眞", "桑": "桒", "瀬": "瀨",
}  # fmt: skip
"""Characters of surnames and the older forms in which some families register them."""

OLD_FORM_SHARE = 0.12


@dataclass(frozen=True)
class NameTable:
    """Names as parallel columns: `written` and `kana`, with the weight of each."""

    written: list[str]
    kana: list[str]
    weight: Floats

    def draw(self, rng: np.random.Generator, size: int) -> Ints:
        """`size` indexes into the table, drawn by weight."""
        return _weighted(rng, self.weight, size)

    def frame(self) -> pl.DataFrame:
        """The table as columns `written` and `kana`, one row an index."""
        return pl.DataFrame({"written": self.written, "kana": self.kana})


def _pairs(names: str) -> list[tuple[str, str]]:
    written_and_kana = [name.split(":") for name in names.replace("JOHN MARK", "JOHN_MARK").split()]
    return [(written.replace("_", " "), jaconv.hira2kata(kana)) for written, kana in written_and_kana]


def _old_forms(surname: str) -> list[str]:
    return [
        surname.replace(plain, older[i : i + len(plain)])
        for plain, older in OLD_FORMS.items()
        if plain in surname
        for i in range(0, len(older), len(plain))
    ]


@dataclass(frozen=True)
class Country:
    """Foreign residents of one country: their share and which rows of the name tables are theirs."""

    name: str
    share: float
    surnames: Ints
    boys: Ints
    girls: Ints


@dataclass(frozen=True)
class Names:
    """Surnames and given names, Japanese and foreign, and who draws from which rows.

    `cohorts` holds (sex, first fiscal year of birth, weights over `given`), sex being "boys" or "girls".
    """

    surnames: NameTable
    given: NameTable
    cohorts: list[tuple[str, int, Floats]]
    countries: list[Country]
    alike: Ints  # for each row of `given` another for the same sex that begins with the same character, or itself

    def draw_surnames(self, rng: np.random.Generator, country: Ints) -> Ints:
        """A row of `surnames` for each entry of `country` (-1 for Japanese families)."""
        drawn = self.surnames.draw(rng, len(country))
        for index, land in enumerate(self.countries):
            theirs = country == index
            drawn[theirs] = rng.choice(land.surnames, theirs.sum())
        return drawn

    def draw_given(self, rng: np.random.Generator, male: Bools, born: Floats, country: Ints) -> Ints:
        """A row of `given` for each person by sex, year of birth and country."""
        drawn = np.zeros(len(male), dtype=np.int64)
        for sex, first, weights in self.cohorts:
            chosen = (male == (sex == "boys")) & (born >= first)
            drawn[chosen] = _weighted(rng, weights, int(chosen.sum()))
        for index, land in enumerate(self.countries):
            for sex, rows in (("boys", land.boys), ("girls", land.girls)):
                theirs = (country == index) & (male == (sex == "boys"))
                drawn[theirs] = rng.choice(rows, theirs.sum())
        return drawn


def _weighted(rng: np.random.Generator, weights: Floats, size: int) -> Ints:
    cumulative = np.cumsum(weights)
    drawn: Ints = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
    return drawn


@cache
def names() -> Names:
    """Every name table, built once: the same rows in the same order in every process."""
    surnames, given = _Builder(), _Builder()
    _add_japanese_surnames(surnames)
    cohorts = _add_japanese_given_names(given)
    countries = [_add_country(surnames, given, name, entry) for name, entry in read_toml("foreign_names.toml").items()]
    size = len(given.written)
    return Names(
        surnames=surnames.table(),
        given=given.table(),
        cohorts=[(sex, first, np.pad(weights, (0, size - len(weights)))) for sex, first, weights in cohorts],
        countries=countries,
        alike=_alike(given, cohorts),
    )


def _alike(given: "_Builder", cohorts: list[tuple[str, int, Floats]]) -> Ints:
    """For each row the next reading, in a circle, among the names for one sex that share its first character."""
    boys = np.full(len(given.written), False)
    for sex, _, weights in cohorts:
        boys[: len(weights)] |= (weights > 0) & (sex == "boys")
    frame = pl.DataFrame({"initial": [name[0] for name in given.written], "kana": given.kana, "boys": boys})
    frame = frame.with_row_index("row")
    readings = frame.unique(["boys", "initial", "kana"], keep="first", maintain_order=True)
    following = pl.col("row").shift(-1).fill_null(pl.col("row").first()).over("boys", "initial")
    readings = readings.select("boys", "initial", "kana", other=following)
    joined = frame.join(readings, on=["boys", "initial", "kana"], how="left", maintain_order="left")
    return joined["other"].to_numpy().astype(np.int64)


class _Builder:
    """Rows of a name table as they are collected."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.kana: list[str] = []
        self.weight: list[float] = []

    def add(self, pairs: Iterable[tuple[str, str]], weights: Iterable[float]) -> Ints:
        """Append names; returns their rows."""
        first = len(self.written)
        for (written, kana), weight in zip(pairs, weights, strict=True):
            self.written.append(written)
            self.kana.append(kana)
            self.weight.append(weight)
        return np.arange(first, len(self.written))

    def table(self) -> NameTable:
        return NameTable(self.written, self.kana, np.array(self.weight))


def _add_japanese_surnames(builder: _Builder) -> None:
    *_, table = load_dataset("opti", include_last_names=True)
    for surname, entry in table.items():
        forms = _old_forms(surname)
        kept = OLD_FORM_SHARE if forms else 0.0
        shares = [1 - kept, *[kept / len(forms) for _ in forms]]
        reading = jaconv.hira2kata(entry["reading"])
        builder.add([(form, reading) for form in [surname, *forms]], [entry["count"] * share for share in shares])


def _add_japanese_given_names(builder: _Builder) -> list[tuple[str, int, Floats]]:
    listed = read_toml("given_names.toml")
    rng = stream(0, "weights of given names")
    cohorts = []
    for sex, dataset in zip(("boys", "girls"), load_dataset("opti"), strict=True):
        rare_pairs = [
            (kanji, jaconv.hira2kata(kana))
            for kana, entry in dataset.items()
            for kanji in entry["kanji"]
            if len(kanji) <= 3
        ]
        # a few spellings of a reading are common and most are rare: heavy-tailed, the same in every city
        rare = builder.add(rare_pairs, rng.pareto(1.2, len(rare_pairs)) + 0.05)
        for cohort in listed[sex]:
            pairs = _pairs(cohort["names"])
            common = builder.add(pairs, [0.0] * len(pairs))
            weights = np.zeros(len(builder.written))
            weights[rare] = np.array(builder.weight)[rare]
            weights *= (1 - COMMON_SHARE) / weights.sum()
            falling = 1 / (np.arange(len(common)) + 4)
            weights[common] = COMMON_SHARE * falling / falling.sum()
            cohorts.append((sex, int(cohort["from"]), weights))
    return cohorts


def _add_country(surnames: _Builder, given: _Builder, name: str, entry: dict[str, Any]) -> Country:
    """Add a country's names; a middle name, where there is one, is written behind the given name."""

    def spelled(names: str) -> list[tuple[str, str]]:
        return [(kana, kana) if entry["script"] == "katakana" else (written, kana) for written, kana in _pairs(names)]

    def with_middle(names: str) -> list[tuple[tuple[str, str], float]]:
        first, middle = spelled(names), spelled(entry["family"])[::-1]
        plain = [(pair, 1 - entry["middle"]) for pair in first]
        joined = [((f"{a} {b}", f"{x} {y}"), entry["middle"] / len(middle)) for a, x in first for b, y in middle]
        return plain + (joined if entry["middle"] else [])

    def add(names: str) -> Ints:
        pairs = with_middle(names)
        rows = given.add([pair for pair, _ in pairs], [0.0] * len(pairs))
        return np.repeat(rows, [max(1, round(100 * weight)) for _, weight in pairs])

    family = spelled(entry["family"])
    return Country(
        name=name,
        share=entry["share"],
        surnames=surnames.add(family, [0.0] * len(family)),
        boys=add(entry["boys"]),
        girls=add(entry["girls"]),
    )
