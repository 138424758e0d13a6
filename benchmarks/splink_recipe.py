"""The published peer: Splink's own recipe for persons, on the same rows.

It is "Deduplicate 50k rows historical persons" of Splink's documentation (`deduplicate_50k_synthetic`): its ten rules
of blocking, comparisons and training, its columns read as ours. `first_name` and `surname` are the readings as one byte
a kana, `dob` the birth date, `postcode_fake` the postal code, `birth_place` the town, `occupation` the guardian. Its
postal comparison reads British codes, so ours counts the digits that agree from the left. Three of its rules take the
first three characters of the postal code, which in Japan are the city, so that all of one given name are compared:
pairs grow with the square of the rows, and a city of 25,000 children has a thousand million.
"""

import polars as pl
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on

from benchmarks.splink_dedupe import SplinkDedupe

GIVEN, FAMILY, BORN, POSTAL, TOWN = "given_code", "family_code", "birth_text", "postal", "town"

BLOCKING = (
    (f"substr({GIVEN},1,3)", f"substr({FAMILY},1,4)"),
    (FAMILY, BORN),
    (GIVEN, BORN),
    (POSTAL, GIVEN),
    (POSTAL, FAMILY),
    (BORN, TOWN),
    (f"substr({POSTAL},1,3)", BORN),
    (f"substr({POSTAL},1,3)", GIVEN),
    (f"substr({POSTAL},1,3)", FAMILY),
    (f"substr({GIVEN},1,2)", f"substr({FAMILY},1,2)", f"substr({BORN},1,4)"),
)

SURE = (
    block_on(GIVEN, FAMILY, BORN),
    block_on(f"substr({GIVEN},1,2)", FAMILY, f"substr({POSTAL},1,2)"),
    block_on(BORN, POSTAL),
)
SURE_RECALL = 0.6


def recipe_dedupe(standardised: pl.DataFrame, seed: int = 1) -> SplinkDedupe:
    """Train the recipe on standardised rows (STANDARDISED) and score its pairs."""
    return SplinkDedupe(standardised, seed, settings=_settings(), train=_train)


def _settings() -> SettingsCreator:
    digits = [cll.CustomLevel(f"substr({POSTAL}_l,1,{n}) = substr({POSTAL}_r,1,{n})", f"{n} digits") for n in (5, 3)]
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        comparisons=[
            cl.ForenameSurnameComparison(GIVEN, FAMILY, forename_surname_concat_col_name="full_code"),
            cl.DateOfBirthComparison(BORN, input_is_string=True),
            cl.CustomComparison(
                [cll.NullLevel(POSTAL), cll.ExactMatchLevel(POSTAL), *digits, cll.ElseLevel()],
                output_column_name=POSTAL,
            ),
            cl.ExactMatch(TOWN).configure(term_frequency_adjustments=True),
            cl.ExactMatch("guardian").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKING],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def _train(linker: Linker, seed: int) -> None:
    linker.training.estimate_probability_two_random_records_match(list(SURE), recall=SURE_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=seed)
    for columns in ((GIVEN, FAMILY), (BORN,)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns), max_pairs=5e6)
