"""The indicators as data: what each reads, how its value is formed, where its levels begin, and how it is said.

The rules stand in `rules.toml`, which a city may replace by its own file of the same form. `Rules.version` is a hash
of what the rules say, whatever the layout of their file; every run records it.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from indicators.reference import Reference, with_references
from indicators.specification import Data, Sourced, Versioned, read_toml, validated
from vocabulary.errors import SpecificationError
from vocabulary.source import Name, Source, Titled

Domain = Literal["livelihood", "attendance", "learning", "non_cognitive", "health"]
Kind = Literal[
    "livelihood",
    "attendance",
    "learning",
    "non_cognitive",
    "health",
    "multiple",
    "entitlement_gap",
    "disappeared",
]
Form = Literal["last", "highest", "mean", "total", "rate", "difference", "codes", "missed", "gap", "stopped"]

Item = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.([a-z][a-z0-9_]*|\*)$")]
"""`source.item`, or `source.*` for all that a source holds."""

ITEMS_OF_FORM = {"rate": 2, "difference": 2, "codes": 2}
"""How many items a form reads; a form not named here reads one, `gap` and `stopped` any number."""

UNSET_LEVELS = {1: 1.0, 2: 1.5, 3: 2.0}
"""Levels of a quantity for which a city sets none: standard deviations to the worse side of the grade's mean."""


class Cut(Sourced):
    """Where a level begins."""

    begins: float = Field(alias="from")
    level: Literal[1, 2, 3]


NUMBER = Titled(ja="{value}", en="{value}")
"""A value alone, where every value has its word or the title names the scale."""


class Word(Titled):
    """How one value of an indicator is said."""

    value: float


class Indicator(Data):
    """One indicator. Which direction is worse has to be stated; a quantity without `levels` has those of UNSET_LEVELS.

    `form` is how a year's records become one value (see the head of `rules.toml`). `model` is how its change is
    judged: `growth` for quantities (`indicators.growth`), `transitions` for steps (`indicators.transitions`).
    """

    domain: Domain
    kind: Kind | None = None  # of a flag that rests on this indicator; its domain where not given
    title: Titled
    items: tuple[Item, ...]
    supports: tuple[Item, ...] = ()  # items that count as support, for the form gap
    codes: Mapping[str, float] = {}  # numbers of a category's values
    form: Form
    per: float | None = None
    model: Literal["growth", "transitions"]
    transform: Literal["none", "log1p", "log"] = "none"
    worse: Literal["higher", "lower"]
    floor: float | None = None
    by_sex: bool = False
    on: Literal["value", "norm", "reference"] = "value"  # what the levels are of
    reference: Reference | None = None  # in the file: the name of its table, a CSV file beside this one
    amount: Titled = NUMBER  # how a value is said, with its unit where the title does not name the scale
    decimals: int = 0
    words: tuple[Word, ...] = ()
    levels: Annotated[tuple[Cut, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _levels_where_none_are_set(cls, content: Any) -> Any:
        if not isinstance(content, Mapping) or "levels" in content:
            return content
        if content.get("model") != "growth" or content.get("on", "norm") != "norm":
            raise ValueError("only a quantity (model growth) can do without `levels`, which are then on the norm")
        sign = -1 if content.get("worse") == "lower" else 1
        levels = [{"from": sign * begins, "level": level, "basis": "ours"} for level, begins in UNSET_LEVELS.items()]
        return dict(content) | {"on": "norm", "levels": levels}

    @model_validator(mode="after")
    def _form_fits(self) -> Self:
        expected = ITEMS_OF_FORM.get(self.form, 1)
        if self.form not in ("gap", "stopped") and len(self.items) != expected:
            raise ValueError(f"the form {self.form} reads {expected} item(s)")
        if (self.form == "rate") != (self.per is not None):
            raise ValueError("`per` belongs to the form rate, and to no other")
        if any(item.endswith("*") != (self.form == "stopped") for item in self.items + self.supports):
            raise ValueError("`source.*` belongs to the form stopped, which reads nothing else")
        if self.on != "value" and self.model != "growth":
            raise ValueError("levels on the norm or on a reference need the model growth")
        if (self.on == "reference") != (self.reference is not None):
            raise ValueError('`reference` names a table, and goes with `on = "reference"`')
        return self

    @model_validator(mode="after")
    def _amount_has_its_place(self) -> Self:
        if any(said.replace("{value}", "") == said for said in (self.amount.ja, self.amount.en)):
            raise ValueError("`amount` has the place {value}, and no other, in both languages")
        return self

    @model_validator(mode="after")
    def _levels_rise(self) -> Self:
        marks = [cut.begins * self.sign for cut in self.levels]
        levels = [cut.level for cut in self.levels]
        if marks != sorted(set(marks)) or levels != sorted(levels):
            raise ValueError("levels are listed from the mildest to the strongest")
        return self

    @property
    def coded_items(self) -> tuple[str, ...]:
        """The items whose values are written as codes."""
        return (self.supports or self.items[:1]) if self.codes else ()

    @property
    def sign(self) -> int:
        """+1 where a higher value is worse, −1 where a lower one is."""
        return 1 if self.worse == "higher" else -1


class Support(Data):
    """A child whose `indicator` had reached this value in the fiscal year before the flag's is already supported."""

    indicator: Name
    begins: float = Field(alias="from")


class Rules(Versioned):
    """All indicators, and what counts as support already in place."""

    indicators: Annotated[Mapping[Name, Indicator], Field(min_length=1)]
    support: tuple[Support, ...] = ()

    @model_validator(mode="after")
    def _support_is_known(self) -> Self:
        unknown = {support.indicator for support in self.support} - set(self.indicators)
        if unknown:
            raise ValueError(f"support names no indicator: {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _codes_agree(self) -> Self:
        codes: dict[str, Mapping[str, float]] = {}
        for name, rule in self.indicators.items():
            for item in rule.coded_items:
                if codes.setdefault(item, rule.codes) != rule.codes:
                    raise ValueError(f"{name} gives the values of {item} other codes than another indicator does")
        return self

    @property
    def items(self) -> tuple[str, ...]:
        """Every `source.item` that some indicator reads, in alphabetical order, wildcards left out."""
        named = {item for rule in self.indicators.values() for item in rule.items + rule.supports if "*" not in item}
        return tuple(sorted(named))

    def hold_against(self, sources: Mapping[str, Source]) -> None:
        """Hold the items against the columns that the source specifications have.

        Raises
        ------
        SpecificationError
            An indicator reads an item that no source has: a slip of the pen would otherwise look like a blank.
        """
        for name, rule in self.indicators.items():
            for item in rule.items + rule.supports:
                source, column = item.split(".")
                if source not in sources or column not in (*sources[source].measurements, "*"):
                    raise SpecificationError("indicator.unknown_item", indicator=name, item=item)


def load_rules(path: Path | None = None) -> Rules:
    """Read the rules of `path`, or the built-in ones.

    Raises
    ------
    SpecificationError
        The file is not TOML or breaks the form above, or a table of reference that it names cannot be read.
    """
    file = path or Path(str(files("indicators"))) / "rules.toml"
    return validated(with_references(read_toml(file, "indicator"), file.parent), Rules, file, "indicator")
