"""What earlier runs left: records and measurements as delivered last, the linkage only where it may be used."""

import dataclasses
from datetime import date, timedelta

import polars as pl
import pytest

from governance import disposal, gate
from governance.custody import DataClass
from governance.staging import stage
from linkage.link import link
from linkage.standardise import standardise
from linkage.state import MODEL_OF, as_tables, engine, model_document
from mimamori.known import DELIVERIES, EXTRACT, Earlier
from tests.unit.governance.conftest import DAY
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import IntegrityError
from vocabulary.frames import RECORD, RECORDS, SPINE

ROWS = [
    {
        "local_id": "S1",
        "family_name": "中村",
        "given_name": "花子",
        "birth_date": date(2012, 6, 7),
        "shared_number": "48210",
    },
    {"local_id": "S2", "family_name": "山田", "given_name": "太郎", "birth_date": date(2013, 1, 2)},
]


def records(*changes: dict, year: int = 2020) -> pl.DataFrame:
    rows = [{"source": "school", "as_of": date(year, 4, 1)} | change for change in changes]
    return pl.DataFrame(rows, schema=RECORDS)


def extract(*grades: int, year: int = 2020, **more: object) -> pl.DataFrame:
    frame = records(*ROWS[: len(grades)], year=year).with_columns(grade=pl.Series(grades, dtype=pl.Int64))
    return frame.with_columns(file=pl.lit("school.csv"), line=pl.lit(1), **more)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    return approved_workspace(tmp_path / "workspace")


def publish(workspace, document=None) -> Earlier:
    """A run of ROWS, as the pipeline leaves it."""
    held = records(*ROWS)
    linkage = link(standardise(held))
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(workspace, grant, actor="os:operator") as run:
        spine = held.select(RECORD).with_columns(person_id="local_id")
        kept = {"records": held, "spine": spine, "former": pl.DataFrame(schema=SPINE), **as_tables(linkage)}
        kept[f"{EXTRACT}school"] = extract(5, 6).drop(*set(RECORDS) - set(RECORD), "file", "line")
        for name, frame in kept.items():
            run.write_frame(name, frame, DataClass.IDENTITIES)
        run.write_document("model", document or model_document(linkage.model), DataClass.STATISTICS)
        run.publish(inputs=[], parameters={}, counts={}, seeds={})
    return Earlier(workspace, run.run_id)


def test_before_the_first_run_there_is_nothing(workspace):
    nothing = Earlier(workspace, None)
    assert nothing.records.schema == RECORDS
    assert nothing.spine.schema == nothing.former.schema == SPINE
    assert nothing.records.height == nothing.spine.height == 0
    assert nothing.model is None
    assert nothing.linkage(records(*ROWS)) is None
    assert list(nothing.with_extracts({"school": extract(5)})) == ["school"]


def test_a_record_delivered_again_is_as_it_was_delivered_last(workspace):
    corrected = ROWS[0] | {"birth_date": date(2012, 6, 8)}
    found = publish(workspace).with_records(records(corrected, {"local_id": "S3"}))
    assert found.select("local_id", "birth_date").rows() == [
        ("S1", date(2012, 6, 8)),
        ("S2", date(2013, 1, 2)),
        ("S3", None),
    ]


def test_measurements_of_earlier_runs_go_on_and_those_delivered_again_are_replaced(workspace):
    delivered = pl.concat([extract(7), extract(8, year=2021)])
    found = publish(workspace).with_extracts({"school": delivered})["school"].sort(RECORD)
    assert found.select("local_id", "as_of", "grade").rows() == [
        ("S1", date(2020, 4, 1), 7),
        ("S1", date(2021, 4, 1), 8),
        ("S2", date(2020, 4, 1), 6),
    ]
    assert "family_name" not in found.columns


def test_measurements_of_a_source_that_did_not_come_go_on(workspace):
    other = extract(1).with_columns(source=pl.lit("health"))
    found = publish(workspace).with_extracts({"health": other})
    assert {source: frame["grade"].to_list() for source, frame in found.items()} == {"school": [5, 6], "health": [1]}


def test_a_column_whose_type_changed_is_text_and_a_new_one_has_no_earlier_values(workspace):
    delivered = extract(9, year=2021, fitness_score=pl.lit(50.5)).with_columns(pl.col("grade").cast(pl.Float64))
    found = publish(workspace).with_extracts({"school": delivered})["school"].sort("as_of", "local_id")
    assert found["grade"].to_list() == ["5", "6", "9.0"]
    assert found["fitness_score"].to_list() == [None, None, 50.5]


def test_the_linkage_is_used_where_all_its_records_may_be(workspace):
    earlier = publish(workspace)
    usable = records(*ROWS, {"local_id": "S3"})
    assert earlier.linkage(usable).keys.height == 2
    assert earlier.linkage(usable.filter(pl.col("local_id") != "S2")) is None, "a source no longer approved, or --as-of"


def test_the_linkage_is_not_used_where_a_shared_number_in_it_is_approved_no_more(workspace):
    earlier = publish(workspace)
    without = records(*ROWS).with_columns(shared_number=pl.lit(None, pl.String))
    numbered = earlier.linkage(records(*ROWS)).keys["shared_number"].drop_nulls().len()
    assert (earlier.linkage(without) is None) == (numbered > 0)
    assert numbered == 1


@pytest.mark.parametrize("part", list(engine()))
def test_the_linkage_of_another_engine_is_made_anew(workspace, part):
    linkage = link(standardise(records(*ROWS)))
    document = model_document(linkage.model)
    earlier = publish(workspace, document | {"engine": engine() | {part: "0"}})
    assert earlier.linkage(records(*ROWS)) is None
    assert (earlier.model is None) == (part in MODEL_OF), "of other libraries the model can be used still"


def test_a_model_that_was_altered_is_found(workspace):
    model = link(standardise(records(*ROWS))).model
    altered = dataclasses.replace(model, match_prior=model.match_prior / 2)
    document = model_document(altered) | {"version": model.version}
    with pytest.raises(IntegrityError):
        _ = publish(workspace, document).model


def carried_on(workspace, day, kept_until) -> Earlier:
    """A run that keeps S1 until `kept_until`, and S2 without saying until when; as a run of `day` continues it."""
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    held = records(*ROWS)
    with stage(workspace, grant, actor="os:operator") as run:
        run.write_frame("records", held, DataClass.EXTRACTS)
        measured = extract(5, 6).drop(*set(RECORDS) - set(RECORD), "file", "line")
        run.write_frame(f"{EXTRACT}school", measured, DataClass.EXTRACTS)
        until = held.head(1).select(*RECORD, kept_until=pl.lit(kept_until))
        run.write_frame(DELIVERIES, until, DataClass.EXTRACTS)
        run.write_frame("spine", held.select(RECORD).with_columns(person_id="local_id"), DataClass.IDENTITIES)
        run.publish(inputs=[], parameters={}, counts={}, seeds={})
    return Earlier(workspace, run.run_id, day)


@pytest.mark.parametrize(("kept_until", "carried"), [(DAY, ["S1", "S2"]), (DAY - timedelta(days=1), ["S2"])])
def test_records_and_measurements_past_their_last_day_are_not_carried_on(workspace, kept_until, carried):
    earlier = carried_on(workspace, DAY, kept_until)
    later = DAY + timedelta(days=90)
    assert earlier.records["local_id"].to_list() == carried
    assert earlier.with_extracts({})["school"]["local_id"].to_list() == carried
    told = earlier.with_deliveries(records({"local_id": "S3"}), later)
    lasting = {"S1": kept_until, "S2": later, "S3": later}
    assert dict(told.select("local_id", "kept_until").iter_rows()) == {name: lasting[name] for name in [*carried, "S3"]}


def test_a_record_delivered_again_is_kept_from_then_on(workspace):
    earlier = carried_on(workspace, DAY, DAY)
    later = DAY + timedelta(days=90)
    assert earlier.with_deliveries(records(ROWS[0]), later)["kept_until"].to_list() == [later, later]


def test_a_child_whose_records_have_aged_is_found_again_by_its_number(workspace):
    earlier = carried_on(workspace, DAY, DAY - timedelta(days=1))
    spine = earlier.spine_for(records(*ROWS, {"local_id": "S3"}, year=2021))
    assert spine.sort(RECORD).select("local_id", "as_of", "person_id").rows() == [
        ("S1", date(2020, 4, 1), "S1"),
        ("S1", date(2021, 4, 1), "S1"),
        ("S2", date(2020, 4, 1), "S2"),
    ]


def test_a_run_whose_extracts_were_destroyed_is_continued_by_its_person_ids(workspace, monkeypatch):
    earlier = carried_on(workspace, DAY, DAY)
    monkeypatch.setattr("governance.disposal.today", lambda: date(2999, 1, 1))
    approval_ends = disposal.items(workspace)[0].term.until + timedelta(days=1)
    disposal.dispose(workspace, before=approval_ends, actor="os:operator")
    after = dataclasses.replace(earlier)
    assert after.records.height == 0
    assert after.with_extracts({}) == {}
    assert after.linkage(records(*ROWS)) is None
    assert after.spine["person_id"].to_list() == ["S1", "S2"]
