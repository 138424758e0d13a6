"""The tuned peer: a Splink 5 deduplication of the same standardised rows, set up for them by hand.

It is given what it can use: readings as one byte a kana (DuckDB's string distances count bytes), addresses joined to
the house, the source's own number as a column, term frequencies on every identifying value, u from random pairs and m
from EM sessions. Its clustering threshold is the one of `THRESHOLDS` that does best on the truth, which a real user
could not know.
"""

import logging
from collections.abc import Callable

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink import comparison_level_library as cll
from splink import comparison_library as cl

THRESHOLDS = (0, 5, 10, 15, 20, 25, 30, 35, 40)
"""Match weights (bits) to cluster at: 0 is a probability of 1/2, 20 of 0.999999."""

BLOCKING = (
    ("birth_date", "given"),
    ("birth_date", "given_code"),
    ("birth_date", "family"),
    ("birth_date", "phone"),
    ("birth_date", "address"),
    ("given", "family"),
    ("given", "address"),
    ("given", "phone"),
    ("number",),
)

SURE = (("birth_date", "given", "family"), ("birth_date", "given_code", "phone"), ("birth_date", "given", "address"))
"""Rules that hardly ever join two children; together they find about `SURE_RECALL` of the pairs."""
SURE_RECALL = 0.9

TRAINING = (("birth_date",), ("given", "family"))
"""Each session estimates the comparisons it does not block on, so together they cover all."""

KANA = [chr(point) for point in range(ord("ァ"), ord("ヴ") + 1)]
BYTES = [chr(33 + place) for place in range(len(KANA))]


class SplinkDedupe:
    """A trained Splink model and its scored pairs, to be clustered at one threshold or another.

    Parameters
    ----------
    standardised
        STANDARDISED.
    seed
        Seed of the random pairs u is estimated from.
    settings, train
        Of another set-up than this module's.
    least_weight
        Match weight (bits) from which a scored pair is kept.
    """

    def __init__(
        self,
        standardised: pl.DataFrame,
        seed: int = 1,
        *,
        settings: SettingsCreator | None = None,
        train: Callable[[Linker, int], None] | None = None,
        least_weight: float = min(THRESHOLDS),
    ) -> None:
        self.rows = _rows(standardised)
        self.connection = duckdb.connect()
        self.connection.register("row_frame", self.rows)
        self.connection.execute("CREATE TABLE delivered AS SELECT * FROM row_frame")
        table = DuckDBAPI(connection=self.connection).register("delivered")
        self.linker = Linker(table, settings or _settings(), log_level=logging.ERROR)
        (train or _train)(self.linker, seed)
        self.pairs = self.linker.inference.predict(threshold_match_weight=least_weight)

    def links(self, threshold: int) -> pl.DataFrame:
        """Cluster the pairs at or above `threshold`: `source, local_id, as_of, person_id`."""
        clusters = self.linker.clustering.cluster_pairwise_predictions_at_threshold(
            self.pairs, threshold_match_weight=threshold
        )
        found = self.connection.table(clusters.physical_name).pl().select("row", person_id="cluster_id")
        return self.rows.join(found, on="row").select(
            "source", "local_id", "as_of", pl.col("person_id").cast(pl.String)
        )


def _rows(standardised: pl.DataFrame) -> pl.DataFrame:
    """The standardised rows with a row number and the columns compared as one."""
    return (
        standardised.with_row_index("row")
        .with_columns(
            number=pl.concat_str("source", "local_id", separator="|"),
            address=pl.concat_str("town", "block", separator="|"),
            family_code=_one_byte_a_kana("family_kana"),
            given_code=_one_byte_a_kana("given_kana"),
            guardian_code=_one_byte_a_kana("guardian_kana"),
            birth_text=pl.col("birth_date").dt.to_string("iso"),
        )
        .with_columns(full_code=pl.concat_str("given_code", "family_code", separator=" "))
    )


def _one_byte_a_kana(column: str) -> pl.Expr:
    return pl.col(column).str.replace_many(KANA, BYTES)


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        comparisons=[
            _name("family"),
            _name("given"),
            cl.DateOfBirthComparison("birth_date", input_is_string=False),
            cl.ExactMatch("sex"),
            cl.CustomComparison(
                [
                    cll.And(cll.NullLevel("address"), cll.NullLevel("postal")).configure(is_null_level=True),
                    cll.ExactMatchLevel("address", term_frequency_adjustments=True),
                    cll.ExactMatchLevel("postal", term_frequency_adjustments=True),
                    cll.ElseLevel(),
                ],
                output_column_name="address",
            ),
            _name("guardian"),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            cl.ExactMatch("number"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKING],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def _name(name: str) -> cl.CustomComparison:
    """Compare a name in kanji, else by its reading, exact or near."""
    return cl.CustomComparison(
        [
            cll.Or(
                cll.NullLevel(name),
                cll.CustomLevel(f'"{name}_l" <> "{name}_r" AND ("{name}_code_l" IS NULL OR "{name}_code_r" IS NULL)'),
            ).configure(is_null_level=True),
            cll.ExactMatchLevel(name, term_frequency_adjustments=True),
            cll.ExactMatchLevel(f"{name}_code", term_frequency_adjustments=True),
            cll.JaroWinklerLevel(f"{name}_code", 0.9),
            cll.JaroWinklerLevel(f"{name}_code", 0.8),
            cll.ElseLevel(),
        ],
        output_column_name=name,
    )


def _train(linker: Linker, seed: int) -> None:
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*columns) for columns in SURE], recall=SURE_RECALL
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=seed)
    for columns in TRAINING:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns), max_pairs=5e6)
