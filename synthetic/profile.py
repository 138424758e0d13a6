"""How carefully the departments of a city keep their records: the rates of each kind of slip, as data."""

from dataclasses import dataclass

from synthetic.data import read_toml
from vocabulary.errors import UsageError


@dataclass(frozen=True)
class Profile:
    """Rates between 0 and 1; `profiles.toml` says what each is a share of."""

    twins: float
    mixed_forms: float
    late_update: float
    kanji_variant: float
    lost_gaiji: float
    swapped_names: float
    kana_in_kanji: float
    kana_slip: float
    kana_missing: float
    typo: float
    birth_date_slip: float
    identity_missing: float
    wrong_phone_digit: float
    room_missing: float
    renewed_number: float
    renewed_at_return: float
    doubled_number: float
    new_number_at_junior_high: float
    missing_row: float


def load_profiles() -> dict[str, Profile]:
    """Every profile by its name, in the order of the file."""
    return {name: Profile(**rates) for name, rates in read_toml("profiles.toml").items()}


def load_profile(name: str) -> Profile:
    """The profile `name`.

    Raises
    ------
    UsageError
        There is no profile of that name.
    """
    profiles = load_profiles()
    if name not in profiles:
        raise UsageError("synthetic.unknown_profile", profile=name, known=", ".join(profiles))
    return profiles[name]
