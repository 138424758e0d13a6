"""The judgements as data: which combinations of levels make which of the three steps, and how each step is said.

The rules stand in `judgements.toml`, which a city may replace by its own file of the same form. A judgement is made by
the first of its steps whose needs are all met, and is 0 where none is. Steps are listed from the strongest judgement to
the mildest and a need can only ask for *at least* so much, so that a worse level never lowers a judgement.
"""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from indicators.rules import Domain, Rules
from indicators.specification import Data, Sourced, Versioned, read_toml, validated
from vocabulary.errors import SpecificationError
from vocabulary.source import Name, Titled

Scope = Literal["livelihood", "attendance", "learning", "non_cognitive", "health", "overall"]
Judgement = Literal[0, 1, 2, 3]
Step = Literal[1, 2, 3]
Entry = Literal["first", "again", "stays"]

DOMAINS: tuple[Domain, ...] = get_args(Domain)
SCOPES: tuple[Scope, ...] = get_args(Scope)


class _Need(Data):
    """At least so many of those named, or of all where none are."""

    at_least: Annotated[int, Field(ge=1)] = 1
    of: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if len(set(self.of)) < len(self.of):
            raise ValueError("`of` names one twice")
        if self.of and self.at_least > len(self.of):
            raise ValueError("`at_least` asks for more than `of` names, so it can never be met")
        return self


class IndicatorNeed(_Need):
    """At least so many of a domain's indicators at a level or above, each changed and entered as asked."""

    level: Step
    percentile: Annotated[float, Field(gt=0, lt=100)] | None = None  # more than so many in 100 changed less
    entry: tuple[Entry, ...] = ()  # in any way, where none is named


class DomainNeed(_Need):
    """At least so many domains at a judgement or above."""

    of: tuple[Domain, ...] = ()
    judgement: Step


class _Step(Sourced, Titled):
    """One way to a judgement, and the sentence it is given with."""

    name: Name
    judgement: Step

    @property
    def words(self) -> Titled:
        """The step's sentence, without what belongs to the rule."""
        return Titled(ja=self.ja, en=self.en)


class DomainStep(_Step):
    """A step of one domain: all of `needs`."""

    needs: Annotated[tuple[IndicatorNeed, ...], Field(min_length=1)]


class OverallStep(_Step):
    """A step of the overall judgement: all of `needs`."""

    needs: Annotated[tuple[DomainNeed, ...], Field(min_length=1)]


class Word(Sourced, Titled):
    """What a judgement is called."""

    judgement: Judgement


class Title(Sourced, Titled):
    """What a domain is called in the judgements."""


Steps = Annotated[tuple[DomainStep, ...], Field(min_length=1)]
Words = Annotated[tuple[Word, ...], Field(min_length=4, max_length=4)]


class JudgementRules(Versioned):
    """The steps of each domain and of the overall judgement, and what they are called."""

    titles: dict[Scope, Title]
    domain_words: Words
    overall_words: Words
    livelihood: Steps
    attendance: Steps
    learning: Steps
    non_cognitive: Steps
    health: Steps
    overall: Annotated[tuple[OverallStep, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _all_is_called(self) -> Self:
        missing = [scope for scope in SCOPES if scope not in self.titles]
        if missing:
            raise ValueError(f"titles are missing: {', '.join(missing)}")
        for words in (self.domain_words, self.overall_words):
            if [word.judgement for word in words] != [3, 2, 1, 0]:
                raise ValueError("words are given for the judgements 3, 2, 1 and 0, in this order")
        return self

    @model_validator(mode="after")
    def _steps_fall(self) -> Self:
        for scope in SCOPES:
            steps = self.steps(scope)
            judgements = [step.judgement for step in steps]
            if judgements != sorted(judgements, reverse=True):
                raise ValueError(f"the steps of {scope} are listed from the strongest judgement to the mildest")
            names = [step.name for step in steps]
            if len(set(names)) < len(names):
                raise ValueError(f"two steps of {scope} have the same name")
        return self

    def steps(self, scope: Scope) -> tuple[DomainStep, ...] | tuple[OverallStep, ...]:
        """Steps of a domain, or of the overall judgement, from the strongest to the mildest."""
        found: tuple[DomainStep, ...] | tuple[OverallStep, ...] = getattr(self, scope)
        return found

    def word(self, scope: Scope, judgement: int) -> Word:
        """What a judgement of `scope` is called."""
        words = self.overall_words if scope == "overall" else self.domain_words
        return next(word for word in words if word.judgement == judgement)

    def hold_against(self, rules: Rules) -> None:
        """Hold the named indicators against those there are.

        Raises
        ------
        SpecificationError
            A step names an indicator that `rules` do not have in that domain.
        """
        for domain in DOMAINS:
            known = {name for name, rule in rules.indicators.items() if rule.domain == domain}
            for step in self.steps(domain):
                named = {name for need in step.needs for name in need.of}
                if unknown := sorted(named - known):
                    raise SpecificationError(
                        "judgement.unknown_indicator", where=f"{domain}.{step.name}", indicator=unknown[0]
                    )


def load_judgement_rules(path: Path | None = None) -> JudgementRules:
    """Read the judgement rules of `path`, or the built-in ones.

    Raises
    ------
    SpecificationError
        The file is not TOML or breaks the form above.
    """
    file = path or Path(str(files("indicators"))) / "judgements.toml"
    return validated(read_toml(file, "judgement"), JudgementRules, file, "judgement")
