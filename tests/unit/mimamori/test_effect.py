"""`mimamori effect` at its edges: the list of children, leave to look, and what the log says of it."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from governance import gate, register
from governance.custody import DataClass
from governance.runlog import Kind, entries
from governance.staging import stage
from indicators.rules import load_rules
from mimamori.cli import app
from mimamori.effect import chosen_outcomes, make_effect, read_supported
from tests.unit.evaluation.supported_city import supported_city
from tests.unit.governance.conftest import APPROVAL, DAY
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import EvaluationError, RefusalError, UsageError
from vocabulary.frames import INDICATORS
from vocabulary.source import load_sources
from vocabulary.texts import text

CITY = supported_city(2, children=1000, effect=3.0)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    return approved_workspace(tmp_path / "workspace")


@pytest.fixture
def run_id(workspace):
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(workspace, grant, actor="os:operator") as run:
        for name in ("indicators", "persons", "timeline"):
            run.write_frame(name, getattr(CITY, name), DataClass.PSEUDONYMOUS)
        published = run.publish(
            inputs=[], parameters={"indicator_rules": load_rules().version}, counts={}, seeds={}, as_of=None
        )
    return published.run


@pytest.fixture
def named(tmp_path):
    path = tmp_path / "supported.csv"
    CITY.supported.write_csv(path)
    return path


def asked(workspace, run_id, named, out, **changed):
    given = {"outcomes": ["score_math"], "approval_id": None, "today": DAY} | changed
    return make_effect(workspace, run_id, named, out=out, actor="os:operator", **given)


def test_the_files_hold_statistics_only_and_the_log_tells_of_them(workspace, run_id, named, tmp_path):
    made = asked(workspace, run_id, named, tmp_path / "out")
    assert set(made.files) == {"json", "html"}
    contents = [path.read_text() for path in (tmp_path / "out").iterdir()]
    assert len(contents) == 2
    assert not any(person in content for content in contents for person in CITY.persons["person_id"])
    assert json.loads((tmp_path / "out" / made.files["json"].rsplit("/", 1)[1]).read_text())["approval"] == "2026-03"
    with workspace.reading() as connection:
        [entry] = entries(connection, kinds=[Kind.EVALUATION], subject=run_id)
    assert set(entry.content["files"]) == {path.name for path in (tmp_path / "out").iterdir()}
    assert entry.content["effect"]["outcomes"] == ["score_math"]
    assert len(entry.content["effect"]["supported"]) == 64


def test_another_approval_must_be_in_force_and_cover_what_the_run_read(workspace, run_id, named, tmp_path):
    narrow = APPROVAL.replace('"2026-03"', '"narrow"').replace('school = ["*"]', 'school = ["days_absent"]')
    register.add(workspace, narrow, file="b.toml", sources=load_sources(), actor="os:operator")
    for approval, day, key in (
        ("narrow", DAY, "effect.not_covered"),
        ("unknown", DAY, "refusal.unknown"),
        ("2026-03", DAY.replace(year=2028), "refusal.expired"),
    ):
        with pytest.raises(RefusalError) as refused:
            asked(workspace, run_id, named, tmp_path / "out", approval_id=approval, today=day)
        assert refused.value.key == key
    with workspace.reading() as connection:
        assert len(entries(connection, kinds=[Kind.REFUSAL])) == 3
    assert not (tmp_path / "out").exists()


def test_an_approval_whose_runs_are_used_up_still_lets_its_run_be_looked_at(workspace, tmp_path, named):
    once = APPROVAL.replace('"2026-03"', '"once"').replace("max_runs = 4", "max_runs = 1")
    register.add(workspace, once, file="b.toml", sources=load_sources(), actor="os:operator")
    grant = gate.admit(workspace, "once", today=DAY, delivered=["school"], actor="os:operator")
    with stage(workspace, grant, actor="os:operator") as run:
        for name in ("indicators", "persons", "timeline"):
            run.write_frame(name, getattr(CITY, name), DataClass.PSEUDONYMOUS)
        manifest = run.publish(
            inputs=[], parameters={"indicator_rules": load_rules().version}, counts={}, seeds={}, as_of=None
        )
    assert asked(workspace, manifest.run, named, tmp_path / "out").effect.flow.matched.shown


def test_the_command_tells_every_outcome_and_refuses_in_one_line(workspace, run_id, named, tmp_path, monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    valid = APPROVAL.replace('"2026-03"', '"long"').replace("2027-03-31", "2099-03-31").replace("2026-0", "2020-0")
    register.add(workspace, valid, file="b.toml", sources=load_sources(), actor="os:operator")
    asking = ["effect", run_id, "--supported", str(named), "--approval", "long", "--out", str(tmp_path / "out")]
    asking += ["--outcome", "score_math", "--workspace", str(workspace.path)]
    done = CliRunner().invoke(app, asking)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert sum("beside the comparison" in line for line in lines) == 2
    assert text("effect.not_a_cause", language="en") in lines
    figures = json.loads(CliRunner().invoke(app, [*asking, "--json"]).stdout)
    assert figures["outcomes"][0]["estimate"]["sets"]["shown"] >= 30
    named.write_text("person_id,year\n")
    refused = CliRunner().invoke(app, asking)
    assert isinstance(refused.exception, EvaluationError)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "person_id,year\np1,2020\np2,2021\n"),
        ("a.csv", "note,began,person_id\nx,2021-03-31,p1\ny,2021-04-01,p2\n"),
        (
            "a.toml",
            '[[supported]]\nperson_id = "p1"\nyear = 2020\n[[supported]]\nperson_id = "p2"\nbegan = 2021-04-01\n',
        ),
    ],
)
def test_the_list_of_children_is_csv_or_toml_with_a_year_or_a_day(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert read_supported(tmp_path / name).rows() == [("p1", 2020), ("p2", 2021)]


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.csv", "", "effect.file_empty"),
        ("a.csv", "person_id,year\n", "effect.file_empty"),
        ("a.csv", "id,year\np1,2020\n", "effect.file_columns"),
        ("a.csv", "person_id\np1\n", "effect.file_columns"),
        ("a.csv", "person_id,year\np1,20x0\n", "effect.file_row"),
        ("a.csv", "person_id,year\np1,1820\n", "effect.file_row"),
        ("a.csv", "person_id,began\np1,2020-13-01\n", "effect.file_row"),
        ("a.csv", "person_id,year\n,2020\n", "effect.file_row"),
        ("a.toml", "[[supported]\n", "effect.file_unreadable"),
        ("a.toml", "[[supported]]\nyear = 2020\n", "effect.file_row"),
        ("b/a.csv", None, "effect.file_unreadable"),
    ],
)
def test_a_list_that_cannot_be_taken_is_refused_in_one_line(tmp_path, name, content, key):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(EvaluationError) as refused:
        read_supported(tmp_path / name)
    assert refused.value.key == key
    assert "\n" not in str(refused.value)


def test_by_default_every_quantity_that_is_there_is_followed_but_not_growth():
    rules = load_rules()
    names = ["absence", "height", "public_assistance", "score_math"]
    held = pl.DataFrame({"indicator": names}, schema_overrides=INDICATORS)
    assert set(chosen_outcomes([], rules, held)) == {"absence", "score_math"}
    assert chosen_outcomes(["height", "height"], rules, held) == ("height",)
    with pytest.raises(UsageError):
        chosen_outcomes(["nothing"], rules, held)
    with pytest.raises(EvaluationError):
        chosen_outcomes([], rules, held.head(0))


@pytest.mark.parametrize("written", ['supported = ["a"]', "[supported]\nperson_id = 'p'\nyear = 2024", "supported = 3"])
def test_a_table_of_another_shape_is_refused_in_words(tmp_path, written):
    file = tmp_path / "supported.toml"
    file.write_text(written)
    with pytest.raises(EvaluationError, match=r"supported\.toml"):
        read_supported(file)
