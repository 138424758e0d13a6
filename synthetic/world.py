"""What really happens in the city, before any department looks at it."""

from dataclasses import dataclass

from synthetic.chance import Bools
from synthetic.clock import Clock
from synthetic.families import Children, Families, bear_children, found_families
from synthetic.hardship import Hardship, kinds
from synthetic.households import Households, live
from synthetic.lives import Lives, lead
from synthetic.names import names
from synthetic.profile import Profile


@dataclass(frozen=True)
class World:
    """Families, their children, their households through the years, and the children's lives."""

    clock: Clock
    profile: Profile
    families: Families
    households: Households
    children: Children
    hardship: Hardship
    lives: Lives


def simulate(seed: int, families: int, profile: Profile, clock: Clock, onsets: str = "usual") -> World:
    """The world of `families` families; `onsets` is how hardship shows (`synthetic.hardship.ONSETS`)."""
    founded = found_families(seed, families, clock, names())
    households = live(seed, founded, clock)
    planned = bear_children(seed, founded, profile.twins, names())
    children = planned.only(_parents_together(planned, households, clock))
    lives, hardship = lead(seed, children, households, clock, kinds(onsets))
    return World(clock, profile, founded, households, children, hardship, lives)


def _parents_together(children: Children, households: Households, clock: Clock) -> Bools:
    """Which planned children are born: the first of each family, and the later ones of couples who live together."""
    since_start = (children.birth - clock.start) * clock.per_year + clock.warm_up
    step = since_start.astype(int).clip(0, households.lone_always.shape[1] - 1)
    together: Bools = children.first | ~households.lone_always[children.family, step]
    return together
