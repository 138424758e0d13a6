"""The peers of the linkage benchmark: each is run, named on the page, and links a city."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks import linkage, steps
from benchmarks.splink_plain import BLOCKING, LEAST_WEIGHT, plain_dedupe

CHILDREN = 150


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    steps.make_city(folder, CHILDREN, "clean", 1, 3, 1)
    return folder


def test_every_contender_has_a_step() -> None:
    assert set(linkage.CONTENDERS) == set(steps.CONTENDERS)


def test_the_page_says_what_each_peer_is() -> None:
    row = {"linkage": "plain", "threshold": 15, "children": 5, "profile": "hard", "records": 9, "exact_recall": 1.0}
    figures = ("precision", "recall", "f1", "bcubed_f1", "mixed_persons", "split_children")
    page = linkage.page("x", [row | dict.fromkeys((*figures, "seconds", "processor_seconds", "peak_mb"), 1)], {}, [])
    about = " ".join(page.partition(linkage.HEADER)[0].split())
    for contender, module in (("plain", "splink_plain"), ("splink", "splink_dedupe"), ("recipe", "splink_recipe")):
        assert f"{linkage.CONTENDERS[contender]} " in about
        assert f"`benchmarks/{module}.py`" in about
    assert "15 (Splink plain, 5 hard)" in page


def test_the_plain_peer_scores_what_its_rules_block(city: Path) -> None:
    dedupe = plain_dedupe(pl.read_parquet(city / "standardised.parquet"))
    settings = dedupe.linker.misc.save_model_to_json()
    rules = [rule["blocking_rule"] for rule in settings["blocking_rules_to_generate_predictions"]]
    assert len(rules) == len(BLOCKING)
    for rule, columns in zip(rules, BLOCKING, strict=True):
        assert all(f'l."{column}" = r."{column}"' in rule for column in columns)
    pairs = dedupe.connection.table(dedupe.pairs.physical_name).pl()
    weights = pairs["match_weight"]
    assert LEAST_WEIGHT <= weights.min() < 0  # type: ignore[operator]
    assert "family_l" in pairs.columns  # matching columns are retained, which is Splink's default


@pytest.mark.parametrize("peer", ["plain", "splink"])
def test_a_peer_links_a_clean_city(city: Path, peer: str) -> None:
    found = steps.CONTENDERS[peer](city)
    assert found["f1"] > 0.95
    assert found["threshold"] in (0, 5, 10, 15, 20, 25, 30, 35, 40)
