"""`mimamori release`: from a run to open data, what is refused, and who may."""

import json
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from governance import gate, releases
from governance.account_state import Role
from governance.custody import DataClass
from governance.release_state import TRANSITIONS, ReleaseState, ReleaseStep
from governance.staging import stage
from governance.verify import verify
from mimamori import releasing
from mimamori.cli import app
from mimamori.release_cases import universe
from mimamori.release_tables import load_tables
from mimamori.releasing import released_cells
from tests.accounts import enter
from tests.unit.governance.conftest import DAY
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import MimamoriError, RefusalError, SpecificationError, UsageError, WorkspaceError
from vocabulary.frames import FLAGS, INDICATORS, JUDGEMENTS, PERSONS, TIMELINE

YEAR = 2025
PASSWORD = "correct horse battery"
TABLES = """\
schools_agreed = "教育委員会 2026-05-01"
[districts]
A1 = "east"
A2 = "west"
A3 = "west"
[[tables]]
name = "by_school"
title = { ja = "学校別", en = "By school" }
by = ["school"]
[[tables]]
name = "scores"
title = { ja = "点数", en = "Scores" }
by = ["sex", "grade"]
mean = "score"
"""


def publish(workspace, missing=0):
    """A run of 300 children in three schools, one of them small; `missing` children have no record in it."""
    draws = np.random.default_rng(5)
    ids = [f"p{at}" for at in range(300)]
    persons = pl.DataFrame({"person_id": ids, "sex": draws.choice(["F", "M"], 300)}).with_columns(
        birth_date=pl.Series([date(int(year), 6, 1) for year in draws.integers(2013, 2016, 300)])
    )
    schools = ["A3"] * 12 + ["A1"] * 150 + ["A2"] * 138
    timeline = [(one, date(YEAR, 4, 1), "school", "school_code", code) for one, code in zip(ids, schools, strict=True)]
    level = draws.choice(4, 300, p=[0.8, 0.1, 0.07, 0.03])
    judged = [(one, YEAR, date(YEAR, 4, 1), "overall", int(at)) for one, at in zip(ids, level, strict=True)]
    value = draws.normal(50, 10, 300)
    known = [(one, YEAR, date(YEAR, 4, 1), "score", float(at)) for one, at in zip(ids, value, strict=True)]
    flags = [(one, YEAR, date(YEAR, 4, 1), "drop", 0.5, 1) for one in ids[:40]]
    frames = {
        "persons": pl.concat([PERSONS.to_frame(), persons], how="diagonal"),
        "timeline": pl.DataFrame(timeline[missing:], TIMELINE, orient="row"),
        "judgements": _rows(judged, JUDGEMENTS, "domain", "judgement"),
        "indicators": _rows(known, INDICATORS, "indicator", "value"),
        "flags": _rows(flags, FLAGS, "kind", "score", "rank"),
    }
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(workspace, grant, actor="os:operator") as run:
        for name, frame in frames.items():
            run.write_frame(name, frame, DataClass.PSEUDONYMOUS)
        run.publish(inputs=[], parameters={}, counts={}, seeds={})
    return run.run_id


def _rows(rows, schema, *columns):
    names = ["person_id", "year", "as_of", *columns]
    return pl.concat([schema.to_frame(), pl.DataFrame(rows, names, orient="row")], how="diagonal_relaxed").cast(schema)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    return approved_workspace(tmp_path / "workspace")


@pytest.fixture
def tables(tmp_path):
    file = tmp_path / "tables.toml"
    file.write_text(TABLES, encoding="utf-8")
    return file


def release(workspace, *arguments, code=0):
    done = CliRunner().invoke(app, ["release", *map(str, arguments), "--workspace", str(workspace.path)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


def drafted(workspace, *arguments):
    return json.loads(release(workspace, "draft", *arguments, "--json"))["id"]


def test_from_a_run_to_files_that_are_known_again(workspace, tables, tmp_path):
    made = drafted(workspace, publish(workspace), "--tables", tables)
    out = tmp_path / "open"
    release(workspace, "publish", made, "--out", out, "--bom")
    assert sorted(path.name for path in out.iterdir()) == ["by_school.csv", "metadata.json", "scores.csv"]
    assert (out / "scores.csv").read_bytes().startswith(b"\xef\xbb\xbfyear,sex,grade,recorded:score,count,mean\n")
    told = json.loads((out / "metadata.json").read_text("utf-8"))
    assert told["dct:license"].endswith("/by/4.0/")
    assert all(column["ja"] and column["en"] for one in told["dcat:distribution"] for column in one["columns"].values())
    assert "as released" in release(workspace, "verify", out)
    (out / "scores.csv").write_text("year\n")
    assert "not what was released" in release(workspace, "verify", out, code=1)
    assert verify(workspace).findings == ()


@pytest.mark.parametrize(("killed", "stands"), [("_step", False), ("finish", True)])
def test_killed_while_publishing_it_is_not_published_or_its_files_stand_at_the_next_command(
    workspace, tables, tmp_path, monkeypatch, killed, stands
):
    made, out = drafted(workspace, publish(workspace), "--tables", tables), tmp_path / "open"
    files = {"one.csv": b"a\n1\n", "two.csv": b"a\n2\n"}

    def die(*_):
        raise SystemExit

    with monkeypatch.context() as patched:  # as `kill -9` there would: nothing is cleared away
        patched.setattr(releases, killed, die)
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(SystemExit):
            releases.publish(workspace, made, files, out, actor="os:operator")
    assert sorted(path.name for path in out.iterdir()) == [".one.csv.part", ".two.csv.part"]
    assert [path.name for path in releases.finish(workspace)] == (["one.csv", "two.csv"] if stands else [])
    assert (releases.show(workspace, made).published_at is not None) == stands
    if stands:
        assert "as released" in release(workspace, "verify", out)
        (out / "one.csv").unlink()  # by whoever has the folder: it is not put back
        assert releases.finish(workspace) == []
    else:
        releases.publish(workspace, made, files, out, actor="os:operator")
        assert sorted(path.name for path in out.iterdir()) == ["one.csv", "two.csv"]


def test_numbers_are_redacted_rounded_and_the_small_school_is_not_there(workspace, tables, tmp_path):
    made = drafted(workspace, publish(workspace), "--tables", tables)
    release(workspace, "publish", made, "--out", tmp_path / "open")
    schools = pl.read_csv(tmp_path / "open" / "by_school.csv")
    assert "A3" not in schools["school"].to_list()
    assert dict(schools.select("school", "count").iter_rows())["small in west"] == 10
    scores = pl.read_csv(tmp_path / "open" / "scores.csv")
    given = scores["count"].drop_nulls()
    assert (given % 5 == 0).all()
    assert given.min() >= 10
    assert scores.filter(pl.col("mean").is_not_null(), pl.col("count").is_null()).is_empty()
    assert scores.filter(pl.col("mean").is_not_null()).height > 5


def test_the_tables_that_come_with_it_can_be_released(workspace):
    run = publish(workspace)
    made = drafted(workspace, run, "--table", "children", "--table", "overall", "--table", "changes", "--year", YEAR)
    assert made in release(workspace, "list")


def test_a_year_is_not_released_from_two_runs_that_differ(workspace):
    drafted(workspace, publish(workspace), "--table", "children")
    with pytest.raises(WorkspaceError, match="are others in this run"):
        drafted(workspace, publish(workspace, missing=60), "--table", "children")


def test_the_same_table_again_hides_what_was_hidden(workspace):
    run = publish(workspace)
    for _ in range(2):
        drafted(workspace, run, "--table", "overall")
    first, second = (one.document["tables"][0]["cells"] for one in releases.list_releases(workspace))
    assert first == second


def test_the_mean_of_an_indicator_has_one_table(workspace, tables):
    run = publish(workspace)
    drafted(workspace, run, "--tables", tables)
    tables.write_text(TABLES.replace('["sex", "grade"]', '["grade"]'), encoding="utf-8")
    with pytest.raises(WorkspaceError, match="mean of this indicator was released"):
        drafted(workspace, run, "--tables", tables, "--table", "scores")


def test_withdrawn_before_publication_it_is_not_reckoned_with_after_it_is(workspace, tmp_path):
    run = publish(workspace)
    first = drafted(workspace, run, "--table", "children")
    release(workspace, "withdraw", first, "--reason", "by mistake")
    assert releases.known(workspace) == []
    second = drafted(workspace, run, "--table", "children")
    release(workspace, "publish", second, "--out", tmp_path / "open")
    release(workspace, "withdraw", second, "--reason", "a fault in the source")
    assert [one.id for one in releases.known(workspace)] == [second]
    with pytest.raises(WorkspaceError, match="step withdraw is not allowed"):
        release(workspace, "withdraw", second, "--reason", "again")


def test_a_draft_made_beside_another_is_refused(workspace):
    run = publish(workspace)
    document = {"tables": [], "districts": {}, "years": [YEAR]}
    drafted(workspace, run, "--table", "children")
    with pytest.raises(WorkspaceError, match="drafted meanwhile"):
        releases.draft(workspace, run, document, held_against=[], approval=None, today=DAY, actor="os:operator")


def test_a_second_person_approves_and_only_some_roles_ask(workspace, tmp_path, monkeypatch):
    run = publish(workspace)
    people = {"sato": Role.ANALYST, "kato": Role.COUNCIL, "mori": Role.SUPPORT_WORKER}
    enter(workspace, people)
    monkeypatch.setenv("MIMAMORI_PASSWORD", PASSWORD)
    with pytest.raises(RefusalError, match=r"mori.*draft"):
        drafted(workspace, run, "--table", "children", "--as", "mori")
    made = drafted(workspace, run, "--table", "children", "--as", "sato")
    with pytest.raises(WorkspaceError, match="step publish is not allowed"):
        release(workspace, "publish", made, "--out", tmp_path / "a", "--as", "sato")
    for actor in ("sato", "mori"):
        with pytest.raises(RefusalError, match=f"{actor}.*approve"):
            release(workspace, "approve", made, "--as", actor)
    with pytest.raises(WorkspaceError, match="sato drafted it"):
        releases.approve(workspace, made, actor="sato")
    release(workspace, "approve", made, "--as", "kato")
    release(workspace, "publish", made, "--out", tmp_path / "b", "--as", "sato")
    assert releases.show(workspace, made).approved_by == "kato"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--table", "absent"], "There is no table absent"),
        (["--table", "children", "--year", "1999"], "no records of fiscal year 1999"),
        (["--table", "livelihood"], "has no judgement:livelihood"),
        (["--table", "children", "--approval", "absent"], "is not in force"),
    ],
)
def test_what_cannot_be_made_is_said(workspace, arguments, said):
    with pytest.raises(MimamoriError, match=said):
        drafted(workspace, publish(workspace), *arguments)


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        (TABLES.replace("schools_agreed", "# "), "schools_agreed"),
        (TABLES.replace('by = ["school"]', 'by = ["school", "district"]'), "names a dimension twice"),
        (TABLES.replace('by = ["school"]', 'by = ["person_id"]'), "tables.0.by"),
        ("tables = 1\n[", "cannot be read"),
    ],
)
def test_a_definition_that_is_not_well_formed_is_refused(tables, monkeypatch, edited, said):
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    tables.write_text(edited, encoding="utf-8")
    with pytest.raises(SpecificationError, match=said):
        load_tables(tables)


def test_no_person_leaves(workspace, tables, tmp_path):
    """No id of a child stands in what is released or kept of it, and no true count below ten."""
    run = publish(workspace)
    drafted(workspace, run, "--tables", tables)
    (kept,) = releases.list_releases(workspace)
    assert "p12" not in json.dumps(kept.document)
    with pytest.raises(UsageError, match="no judgement:livelihood"):
        drafted(workspace, run, "--table", "livelihood")


def test_what_the_words_say_of_each_other_is_reckoned_with():
    """39 listed for a drop and 40 for anything leave one listed for something else."""
    known = universe(pl.DataFrame(), ["flag:any", "flag:drop", "recorded:score", "indicator:score"])
    told = {pair: set(frame.iter_rows()) for pair, frame in known.possible.items()}
    assert ("no", "yes") not in told["flag:any", "flag:drop"]
    assert {level for recorded, level in told["recorded:score", "indicator:score"] if recorded == "no"} == {"unknown"}
    groups = known.groups(["flag:any", "flag:drop"], [])
    assert groups.height == 3


def test_a_year_with_listed_children_by_kind_and_by_any(workspace, tables):
    run = publish(workspace)
    of = "".join(
        f'[[tables]]\nname = "{name}"\ntitle = {{ ja = "表", en = "Table" }}\nof = "flag:{name}"\n'
        for name in ("any", "drop")
    )
    tables.write_text(of, encoding="utf-8")
    drafted(workspace, run, "--tables", tables)
    (kept,) = releases.list_releases(workspace)
    assert [released_cells(one)["count"].to_list() for one in kept.document["tables"]] == [[300, 260, 40]] * 2


def test_transitions_are_total_and_in_the_page():
    assert set(TRANSITIONS) == set(product(ReleaseState, ReleaseStep))
    assert not any(TRANSITIONS[ReleaseState.WITHDRAWN, step] for step in ReleaseStep)
    page = (Path(__file__).parents[3] / "docs" / "statistics.md").read_text(encoding="utf-8")
    for state in ReleaseState:
        after = [TRANSITIONS[state, step] for step in ReleaseStep]
        assert f"| {' | '.join([state, *(one or '–' for one in after)])} |" in page


def test_a_table_that_was_not_protected_is_stopped_before_it_leaves(workspace, tmp_path, monkeypatch):
    run = publish(workspace)
    monkeypatch.setattr(releasing, "protect", lambda related, counts, hidden, fixed, names: hidden & False)
    monkeypatch.setattr(releasing, "shown", lambda count, hidden: count)
    with pytest.raises(WorkspaceError, match="A count below ten was left in table"):
        releasing.draft(
            workspace, run, load_tables(None).only(["overall"]), [YEAR], approval=None, today=DAY, actor="os:operator"
        )
    assert releases.list_releases(workspace) == []


def test_percentiles_stand_beside_the_mean_where_ten_are_on_either_side(workspace, tables, tmp_path):
    tables.write_text(TABLES.replace('mean = "score"', 'mean = "score"\npercentiles = [25, 50]'), encoding="utf-8")
    made = drafted(workspace, publish(workspace), "--tables", tables, "--table", "scores")
    release(workspace, "publish", made, "--out", tmp_path / "open")
    scores = pl.read_csv(tmp_path / "open" / "scores.csv")
    assert scores.columns[-4:] == ["count", "mean", "p25", "p50"]
    given = scores.drop_nulls("p50")
    assert given.height > 3
    assert given["count"].min() >= 20
    assert scores.drop_nulls("p25")["count"].min() >= 40
    assert given.filter(pl.col("mean").is_null()).is_empty()
    assert (given["p50"] - given["mean"]).abs().max() < 8
    told = json.loads((tmp_path / "open" / "metadata.json").read_text("utf-8"))
    assert told["dcat:distribution"][0]["columns"]["p25"]["en"].startswith("mean of the 10 children nearest")


def test_percentiles_without_a_mean_are_no_table(tmp_path):
    (tmp_path / "t.toml").write_text(
        '[[tables]]\nname = "a"\ntitle = { ja = "a", en = "a" }\nby = ["sex"]\npercentiles = [50]\n'
    )
    with pytest.raises(SpecificationError, match="percentiles"):
        load_tables(tmp_path / "t.toml")
