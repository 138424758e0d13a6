"""The families of the city and their children: who was born when, to whom, and from when on they live here."""

from dataclasses import dataclass

import numpy as np

from synthetic import rates
from synthetic.chance import Bools, Floats, Ints, happens, stream
from synthetic.clock import YEARS_BEFORE, Clock
from synthetic.names import Names

MAX_BIRTHS = len(rates.CHILDREN_PER_FAMILY)
BOYS = 0.512
TWINS_OF_ONE_SEX = 0.64
TWINS_NAMED_ALIKE = 0.3  # of twins of one sex: names that begin with the same character (estimate)


@dataclass(frozen=True)
class Families:
    """One entry a family in every array; times in fiscal years, names as rows of the name tables."""

    formed: Floats  # birth of the first child
    arrives: Floats  # when the family first comes to the city; -inf where it was always here
    unmarried: Bools  # the first child is born to a lone mother
    two_phones: Bools  # father and mother each give a number of their own
    country: Ints  # index of the country of foreign residents; -1 Japanese
    father_surname: Ints
    mother_surname: Ints  # before marriage
    stepfather_surname: Ints
    father_given: Ints
    mother_given: Ints
    stepfather_given: Ints

    def __len__(self) -> int:
        return len(self.formed)


@dataclass(frozen=True)
class Children:
    """One entry a child in every array, in the order of families and births."""

    family: Ints
    birth: Floats  # time of birth
    male: Bools
    given: Ints
    first: Bools  # of the family, or twin of the first
    twin: Bools
    leaves: Floats  # age at which the child leaves the parents' home and the city; inf where not before 19

    def __len__(self) -> int:
        return len(self.family)

    def left_home(self, times: Floats) -> Bools:
        """Who has left by each of `times`, shape (children, times)."""
        gone: Bools = times[None, :] - self.birth[:, None] >= self.leaves[:, None]
        return gone

    def only(self, kept: Bools) -> "Children":
        """The children of the mask `kept`."""
        return Children(**{name: values[kept] for name, values in vars(self).items()})


def found_families(seed: int, count: int, clock: Clock, names: Names) -> Families:
    """`count` families whose first child is born from before the window to its end, evenly over the years.

    Families that come from elsewhere are in such proportion, and arrive at such ages of their eldest child, that as
    many come as go.
    """
    rng = stream(seed, "families")
    formed = rng.uniform(clock.start - YEARS_BEFORE, clock.stop, count)
    ages = np.arange(20.0)
    leaving = rates.moves_out(ages)
    newcomers = leaving.sum() * (1 - rates.RETURNS)
    comes = happens(rng, newcomers / (1 + newcomers), count)
    arrival_age = rng.choice(ages, count, p=leaving / leaving.sum()) + rng.random(count)
    countries = np.array([country.share for country in names.countries])
    country = np.where(
        happens(rng, rates.FOREIGN_FAMILIES, count),
        rng.choice(len(countries), count, p=countries / countries.sum()),
        -1,
    )
    born = np.zeros(count)  # the cohort of parents
    return Families(
        formed=formed,
        arrives=np.where(comes, formed + arrival_age, -np.inf),
        unmarried=happens(rng, rates.BORN_OUTSIDE_MARRIAGE, count),
        two_phones=happens(rng, rates.TWO_PHONES, count),
        country=country,
        father_surname=names.draw_surnames(rng, country),
        mother_surname=names.draw_surnames(rng, country),
        stepfather_surname=names.draw_surnames(rng, np.full(count, -1)),
        father_given=names.draw_given(rng, np.full(count, True), born, country),
        mother_given=names.draw_given(rng, np.full(count, False), born, country),
        stepfather_given=names.draw_given(rng, np.full(count, True), born, np.full(count, -1)),
    )


def bear_children(seed: int, families: Families, twins: float, names: Names) -> Children:
    """The children of `families`; `twins` is the share of births that are twin births."""
    rng = stream(seed, "children")
    count = len(families)
    births = rng.choice(np.arange(1, MAX_BIRTHS + 1), count, p=rates.CHILDREN_PER_FAMILY)
    least, beyond = rates.BIRTH_SPACING_YEARS
    spacing = least + rng.gamma(2.0, beyond / 2, (count, MAX_BIRTHS))
    spacing[:, 0] = 0
    time = families.formed[:, None] + np.cumsum(spacing, axis=1)
    twin_birth = happens(rng, twins, count * MAX_BIRTHS).reshape(count, MAX_BIRTHS)
    babies = np.where(np.arange(MAX_BIRTHS) < births[:, None], 1 + twin_birth, 0).ravel()
    slot = np.repeat(np.arange(count * MAX_BIRTHS), babies)
    family = slot // MAX_BIRTHS
    birth = time.ravel()[slot]
    twin = twin_birth.ravel()[slot]
    male = happens(rng, BOYS, len(slot))
    second = np.r_[False, slot[1:] == slot[:-1]]
    identical = second & happens(rng, 2 * TWINS_OF_ONE_SEX - 1, len(slot))
    male[identical] = np.r_[False, male[:-1]][identical]
    alike = second & (male == np.r_[False, male[:-1]])
    leaving = happens(stream(seed, "leaving home"), rates.LEAVES_HOME_AT_18, len(slot))
    return Children(
        family=family,
        birth=birth,
        male=male,
        given=_given_names(stream(seed, "given names"), names, family, male, birth, families.country[family], alike),
        first=slot % MAX_BIRTHS == 0,
        twin=twin,
        leaves=np.where(leaving, np.ceil(birth + 18) - birth, np.inf),
    )


def _given_names(
    rng: np.random.Generator, names: Names, family: Ints, male: Bools, birth: Floats, country: Ints, alike: Bools
) -> Ints:
    """Given names, drawn again until no two children of a family are written or read alike.

    `alike` marks second twins of one sex, some of whom are called by a name that begins like the first one's.
    """
    given = names.draw_given(rng, male, birth, country)
    namesake = alike & happens(rng, TWINS_NAMED_ALIKE, len(family))
    given[namesake] = names.alike[np.r_[given[:1], given[:-1]][namesake]]
    tables = [np.unique(np.array(column), return_inverse=True)[1] for column in (names.given.written, names.given.kana)]
    while True:
        again = np.full(len(family), False)
        for code in tables:
            _, first = np.unique(family * len(code) + code[given], return_index=True)
            again |= ~np.isin(np.arange(len(family)), first)
        if not again.any():
            return given
        given[again] = names.draw_given(rng, male[again], birth[again], country[again])
