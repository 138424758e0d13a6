"""The plain peer: what follows Splink's documentation on these rows without tuning, as somebody would who meets both.

Sources are pages of https://moj-analytical-services.github.io/splink for Splink 5.

- Comparisons: those of "Getting started" and of the tutorial "Specifying and estimating a linkage model", as the
  library has them and on the columns as they are: `NameComparison` of both names as written, `DateOfBirthComparison`,
  and `ExactMatch` with term frequencies of the address (town and block), which stands for the city, and of the phone,
  for the email. Sex and the source's own number are added. The guardian is left out: the introduction asks for
  "multiple columns that are not highly correlated", and with it the model did worse (F1 0.957 against 0.977 of 2,000
  children).
- Training: the steps of both pages. Recall of 0.7 for pairs of one given and family name, and pairs kept from a match
  weight of -5, are of "Getting started"; EM over pairs of both names, then of the birth date, is of the tutorial.
  Every option has its default: matching columns are retained, u is from 1e6 random pairs, EM takes all pairs of its
  rule and term frequencies with them.
- Rules of blocking: the topic guide "What are Blocking Rules?", list under "Tightening blocking rules for linking
  larger datasets", its postcode read as the address. A British postcode is a few houses; read as the Japanese postal
  code, a quarter, the list made 57.7 million pairs of 25,000 children (`count_comparisons_from_blocking_rules`), beyond
  the tutorial "Choosing blocking rules to optimise runtime": "For linkages in DuckDB on a standard laptop, we suggest
  using blocking rules that create no more than about 20 million comparisons." With the address, the phone and the
  source's own number it makes 11.3 million.

The threshold of clusters is the best of `splink_dedupe.THRESHOLDS` on the truth, as for the other peers; the 0.95 of
"Getting started" is a weight of 4.2, beside the 5 that is tried.
"""

import polars as pl
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on

from benchmarks.splink_dedupe import SplinkDedupe

BLOCKING = (
    ("given", "family"),
    ("family", "birth_date"),
    ("given", "birth_date"),
    ("birth_date", "address"),
    ("given", "address"),
    ("family", "address"),
    ("phone",),
    ("number",),
)

SURE = (("given", "family"),)
SURE_RECALL = 0.7

TRAINING = (("given", "family"), ("birth_date",))

LEAST_WEIGHT = -5
"""Match weight (bits) from which a scored pair is kept."""


def plain_dedupe(standardised: pl.DataFrame, seed: int = 1) -> SplinkDedupe:
    """Train the documentation's model on standardised rows (STANDARDISED) and score its pairs."""
    return SplinkDedupe(standardised, seed, settings=_settings(), train=_train, least_weight=LEAST_WEIGHT)


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        comparisons=[
            cl.NameComparison("given"),
            cl.NameComparison("family"),
            cl.DateOfBirthComparison("birth_date", input_is_string=False),
            cl.ExactMatch("sex"),
            cl.ExactMatch("address").configure(term_frequency_adjustments=True),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            cl.ExactMatch("number"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKING],
    )


def _train(linker: Linker, seed: int) -> None:
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*columns) for columns in SURE], recall=SURE_RECALL
    )
    linker.training.estimate_u_using_random_sampling(seed=seed)
    for columns in TRAINING:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
