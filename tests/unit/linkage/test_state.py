"""What a linkage leaves: tables that come back as they were, a model that is known to be whole."""

import copy
import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from linkage.link import link
from linkage.model import expected_model
from linkage.profiles import SET_ATTRIBUTES
from linkage.state import VERSION, as_tables, engine, from_tables, model_document, read_model
from tests.unit.linkage.people import at, records
from vocabulary.errors import IntegrityError

MODEL = expected_model(1e-4)
RECORDS = [
    {},
    {"as_of": at(2021), "family": "鈴木", "words": None},
    {"source": "health", "local_id": "H1", "words": ["SANTOS", "SOFIA"], "phone": None, "shared_number": "48210"},
]


def test_keys_profiles_members_and_pairs_come_back():
    linkage = link(records(*RECORDS))
    back = from_tables(as_tables(linkage))
    assert_frame_equal(back.keys, linkage.keys)
    assert_frame_equal(back.profiles.members, linkage.profiles.members)
    assert_frame_equal(back.pairs, linkage.pairs)
    assert_frame_equal(back.profiles.profiles, linkage.profiles.profiles.select(back.profiles.profiles.columns))
    assert set(SET_ATTRIBUTES) < set(back.profiles.profiles.columns)


def test_tables_are_flat():
    for frame in as_tables(link(records(*RECORDS))).values():
        assert not any(isinstance(kind, pl.List | pl.Struct) for kind in frame.dtypes)


def test_tables_of_nothing_come_back():
    linkage = link(records())
    back = from_tables(as_tables(linkage))
    assert back.keys.schema == linkage.keys.schema
    assert back.pairs.schema == linkage.pairs.schema


def document():
    """A model's document as it is read from its file."""
    return json.loads(json.dumps(model_document(MODEL)))


def test_a_model_of_other_comparisons_is_none_to_use():
    other = {"engine": engine() | {"comparisons": "0" * 12}}
    assert read_model(document() | other) is None


def test_a_model_comes_back_from_its_document():
    assert read_model(document()) == MODEL
    assert document()["engine"] == engine()


@pytest.mark.parametrize("path", [("match_prior",), ("m", "sex", 0), ("household", "stayed", 2, "telephone", 1)])
def test_a_parameter_that_was_altered_is_found(path):
    altered = copy.deepcopy(document())
    *parents, last = path
    place = altered["parameters"]
    for step in parents:
        place = place[step]
    place[last] += 1e-6
    with pytest.raises(IntegrityError):
        read_model(altered)


def test_another_version_than_its_parameters_have_is_found():
    with pytest.raises(IntegrityError):
        read_model(document() | {"version": "0" * 12})


@pytest.mark.parametrize("lacking", [None, {}, {"engine": {"linkage": VERSION - 1}}, {"engine": {}}])
def test_a_model_of_other_levels_is_none_to_use(lacking):
    assert read_model(None if lacking is None else document() | {"engine": {}} | lacking) is None
