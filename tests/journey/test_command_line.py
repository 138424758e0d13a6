"""The command as an operator uses it: every line of the contract's table, by the installed command in a shell."""

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
from contextlib import closing

import polars as pl
import pytest

from linkage.state import TABLES
from tests.journey.conftest import COMMAND, environment, mimamori, new_workspace, refused, write_approval
from vocabulary.frames import OUTPUTS
from vocabulary.texts import text

pytestmark = pytest.mark.slow

RUN_ID = re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{6}")


@pytest.fixture(scope="module")
def exported(ran, tmp_path_factory):
    out = tmp_path_factory.mktemp("exported") / "out"
    done = mimamori("export", ran.run, "--out", out, "--workspace", ran.workspace)
    assert done.returncode == 0
    assert str(out) in done.stdout
    return out


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("command", [[], ["run"], ["approvals"], ["runs", "verify"], ["users", "add"]])
def test_help_is_whole_and_in_the_language_of_the_reader(command, language):
    done = mimamori(*command, "--help", language=language)
    assert done.returncode == 0
    shown = "".join(done.stdout.split())
    key = "_".join(command) or "app"
    assert "".join(text(f"cli.{key}", language=language).split()) in shown
    assert "".join(text("cli.help", language=language).split()) in shown
    assert "…" not in shown


def test_a_run_tells_its_rows_and_ends_with_its_id(ran):
    lines = ran.stdout.splitlines()
    assert RUN_ID.fullmatch(lines[-1])
    for source in ("health", "school", "welfare"):
        (line,) = [line for line in lines if line.startswith(f"{source}: ") and " rows delivered = " in line]
        delivered, accepted, set_aside = map(int, re.findall(r"(\d+) (?:rows|accepted|set aside)", line))
        assert delivered == accepted + set_aside > 0
    assert "Linking records" in ran.stderr.splitlines()


def test_notices_are_one_a_source_and_kind(ran):
    lost = [line for line in ran.stderr.splitlines() if "has lost a character" in line]
    assert 0 < len(lost) <= 3


def test_the_six_files_of_a_run(exported, ran):
    for name, schema in OUTPUTS.items():
        parquet = pl.read_parquet(exported / f"{name}.parquet")
        assert list(parquet.schema.items())[: len(schema)] == list(schema.items())
        csv = pl.read_csv(exported / f"{name}.csv", infer_schema=False)
        assert (csv.columns, csv.height) == (parquet.columns, parquet.height)
        assert all((exported / f"{name}{suffix}").stat().st_mode & 0o077 == 0 for suffix in (".csv", ".parquet"))
    flags = pl.read_parquet(exported / "flags.parquet")
    assert flags.height > 0
    assert all(json.loads(reasons) for reasons in flags["reasons"])
    links = pl.read_parquet(exported / "links.parquet")
    accepted = sum(int(count) for count in re.findall(r"= (\d+) accepted", ran.stdout))
    assert links.height == accepted


def test_results_as_json(ran):
    def result(*arguments):
        done = mimamori(*arguments, "--workspace", ran.workspace, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert [one["run"] for one in result("runs", "list")] == [ran.run]
    assert result("runs", "show", ran.run)["approval"] == "one-run"
    assert result("runs", "verify") == {"altered": False, "findings": []}
    assert [one["id"] for one in result("approvals", "list")] == ["2026-03", "one-run"]
    assert result("approvals", "show", "one-run")["max_runs"] == 1
    assert result("users", "list") == []


def test_only_what_names_a_child_is_kept_under_the_key_of_identities(ran):
    shown = json.loads(mimamori("runs", "show", ran.run, "--workspace", ran.workspace, "--json").stdout)
    classes = {output["name"]: output["data_class"] for output in shown["outputs"]}
    kept = {of: {name for name, held in classes.items() if held == of} for of in set(classes.values())}
    measured = {"extract_health", "extract_school", "extract_welfare"}  # beside the sources' own numbers
    read = {"identities", "records", "rejects", *TABLES}  # go when extracts go
    assert kept["extracts"] == read | measured | {"corrections", "deliveries"}
    assert kept["identities"] == {"decisions", "former", "joinings", "links", "objections", "spine", "traits"}
    assert kept["statistics"] == {"model", "quality", "rules"}
    assert {"persons", "timeline", "indicators", "judgements", "flags", "events"} <= kept["pseudonymous"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_lists_for_a_reader(ran, language):
    runs = mimamori("runs", "list", "--workspace", ran.workspace, language=language).stdout.splitlines()
    assert runs[0].startswith(text("output.runs_run", language=language))
    assert runs[1].startswith(ran.run)
    shown = mimamori("runs", "show", ran.run, "--workspace", ran.workspace, language=language).stdout
    assert text("output.runs_delivered", language=language) in shown
    approval = mimamori("approvals", "show", "2026-03", "--workspace", ran.workspace, language=language).stdout
    assert text("output.approval_legal_basis", language=language) in approval
    assert "個人情報保護法第69条第2項第2号" in approval


def test_evaluation_beside_the_truth(ran, city, tmp_path):
    arguments = ("--truth", city / "truth", "--out", tmp_path / "report", "--workspace", ran.workspace)
    done = mimamori("evaluate", ran.run, *arguments)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "report" / f"{ran.run}.html") in done.stdout
    figures = json.loads((tmp_path / "report" / f"{ran.run}.json").read_text(encoding="utf-8"))
    assert figures["linkage"]["linked"]["pairwise"]["f1"] > 0.99
    page = (tmp_path / "report" / f"{ran.run}.html").read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["']https?:""", page)


def test_nothing_of_a_new_run_is_disposed_of(ran):
    done = mimamori("dispose", "--dry-run", "--workspace", ran.workspace)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Nothing is past its retention")


def test_refusals_read_nothing_and_are_logged(tmp_path, city):
    approvals = [
        write_approval(tmp_path, "early", begin=10),
        write_approval(tmp_path, "late", end=-1),
        write_approval(tmp_path, "ended"),
        write_approval(tmp_path, "health", sources='health = ["*"]'),
    ]
    workspace = new_workspace(tmp_path / "workspace", *approvals)
    revoked = mimamori("approvals", "revoke", "ended", "--reason", "withdrawn", "--workspace", workspace)
    assert revoked.returncode == 0
    school = tmp_path / "school"
    school.mkdir()
    shutil.copy(city / "delivery" / "school.csv", school)
    for approval, delivery, said in (
        ("unknown", city / "delivery", "not registered"),
        ("early", city / "delivery", "not yet"),
        ("late", city / "delivery", "ended on"),
        ("ended", city / "delivery", "withdrawn"),
        ("health", school, "health"),
    ):
        done = mimamori("run", "--approval", approval, "--delivery", delivery, "--workspace", workspace)
        line = refused(done)
        assert approval in line
        assert said in line
        assert "Reading" not in done.stderr
    assert mimamori("runs", "list", "--workspace", workspace).stdout == "None yet.\n"
    assert " 0 runs and 11 log entries" in mimamori("runs", "verify", "--workspace", workspace).stdout


def test_an_approval_is_used_up(ran, city):
    done = mimamori("run", "--approval", "one-run", "--delivery", city / "delivery", "--workspace", ran.workspace)
    assert "one-run" in refused(done)


def test_the_rows_known_on_a_day(copy, city):
    arguments = ("--approval", "2026-03", "--delivery", city / "delivery", "--workspace", copy.workspace)
    done = mimamori("run", *arguments, "--as-of", "2022-04-01", "--capacity", "5", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["as_of"] == "2022-04-01"
    assert result["counts"]["delivery"]["after_as_of"] > 0
    assert result["parent"] == copy.run
    assert result["parameters"]["capacity"] == 5
    assert "2000-01-01" in refused_by_day(arguments)


def refused_by_day(arguments):
    done = mimamori("run", *arguments, "--as-of", "2000-01-01")
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


def test_two_persons_confirm_an_approval(tmp_path):
    workspace = new_workspace(tmp_path / "workspace")
    roles = {"abe": "administrator", "taro": "council", "jiro": "analyst", "hanako": "operator"}
    by = {name: {"variables": {"MIMAMORI_PASSWORD": f"a long password of {name}"}} for name in roles}
    abe, taro, jiro, hanako = (("--as", name, "--workspace", workspace) for name in roles)
    for name, role in roles.items():
        given = ("--workspace", workspace) if name == "abe" else abe
        told = mimamori("users", "add", name, "--role", role, *given, "--json", **by["abe"]).stdout
        if name == "hanako":
            assert json.loads(told)["token"] is None
            assert "another person" in refused(mimamori("users", "confirm", name, *abe, **by["abe"]))
            told = mimamori("users", "confirm", name, *taro, "--json", **by["taro"]).stdout
        assert activate(workspace, name, json.loads(told)["token"], f"a long password of {name}").returncode == 0
    file = write_approval(tmp_path, "2026-04")
    for unnamed in (("approvals", "add", file), ("users", "add", "saburo", "--role", "council"), ("runs", "list")):
        assert "--as" in refused(mimamori(*unnamed, "--workspace", workspace))
    added = mimamori("approvals", "add", file, *hanako, **by["hanako"])
    assert "approvals confirm 2026-04" in added.stdout
    confirm = ("approvals", "confirm", "2026-04")
    assert "docs/roles.md" in refused(mimamori(*confirm, *hanako, **by["hanako"]))
    assert "Wrong password" in refused(mimamori(*confirm, *taro, **by["hanako"]))
    assert "docs/roles.md" in refused(mimamori(*confirm, *jiro, **by["jiro"]))
    assert "in force" in mimamori(*confirm, *taro, **by["taro"]).stdout
    assert mimamori("users", "disable", "jiro", *abe, **by["abe"]).returncode == 0
    states = {one["name"]: one["state"] for one in json.loads(users(*abe, **by["abe"]))}
    assert states == {"abe": "active", "hanako": "active", "jiro": "disabled", "taro": "active"}


def test_with_accounts_that_nobody_has_activated_an_approval_is_requested_only(tmp_path):
    workspace = new_workspace(tmp_path / "workspace")
    for name, role in (("a", "administrator"), ("b", "council")):
        assert mimamori("users", "add", name, "--role", role, "--workspace", workspace).returncode == 0
    added = mimamori("approvals", "add", write_approval(tmp_path, "2026-04"), "--workspace", workspace, "--json")
    assert json.loads(added.stdout)["state"] == "requested"
    refused(mimamori("approvals", "confirm", "2026-04", "--workspace", workspace))


def activate(workspace, name, token, password):
    arguments = ("users", "activate", name, "--token", token, "--workspace", workspace)
    return mimamori(*arguments, variables={"MIMAMORI_PASSWORD": password})


def test_a_forgotten_password_and_a_changed_role(tmp_path):
    workspace = new_workspace(tmp_path / "workspace")
    add = ("users", "add", "--workspace", workspace, "--json")
    first = json.loads(mimamori(*add, "abe", "--role", "administrator").stdout)
    again = mimamori("users", "invite", "abe", "--workspace", workspace)
    assert again.returncode == 0, again.stderr
    token = again.stdout.split()[-1]
    line = refused(activate(workspace, "abe", first["token"], "a forgotten password"))
    assert "`mimamori users invite`" in line
    assert activate(workspace, "abe", token, "a forgotten password").returncode == 0
    by_abe = {"variables": {"MIMAMORI_PASSWORD": "a forgotten password"}}
    named = ("--as", "abe", "--workspace", workspace)
    taro = ("users", "add", "taro", "--role", "school", "--school", "S01", "--school", "S02", *named)
    assert mimamori(*taro, **by_abe).returncode == 0
    told = {one["name"]: one for one in json.loads(users(*named, **by_abe))}
    assert told["taro"] == {
        "name": "taro", "role": "school", "state": "invited", "schools": "S01, S02", "wanted_role": None
    }  # fmt: skip
    assert "S03" in mimamori("users", "set-schools", "taro", "--school", "S03", *named, **by_abe).stdout
    changed = mimamori("users", "role", "taro", "--role", "council", *named, language="ja", **by_abe)
    assert "council" in changed.stdout
    assert "no account hanako" in refused(mimamori("users", "invite", "hanako", *named, **by_abe))
    invited = json.loads(mimamori("users", "invite", "taro", *named, "--json", **by_abe).stdout)
    assert invited["name"] == "taro"
    assert activate(workspace, "taro", invited["token"], "a remembered password").returncode == 0
    assert "no active administrator" in refused(mimamori("users", "disable", "abe", *named, **by_abe))


def users(*arguments, **named):
    return mimamori("users", "list", *arguments, "--json", **named).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nonsense"], 2, "nonsense"),
        (["run", "--approval", "2026-03"], 2, "--delivery"),
        (["run", "--approvals", "2026-03"], 2, "--approvals"),
        (["run", "--approval", "2026-03", "--delivery", "d", "--engine", "abacus"], 2, "abacus"),
        (["run", "--approval", "2026-03", "--delivery", "nowhere"], 1, "nowhere"),
        (["run", "--approval", "2026-03", "--delivery", "empty"], 1, "school.csv"),
        (["run", "--approval", "2026-03", "--delivery", "empty", "--as-of", "1.4.2025"], 2, "1.4.2025"),
        (["run", "--approval", "2026-03", "--delivery", "empty", "--capacity", "-3"], 2, "-3"),
        (["runs", "show", "R1"], 1, "R1"),
        (["runs", "verify", "R1"], 1, "R1"),
        (["runs", "replay", "R1"], 1, "R1"),
        (["export", "R1", "--out", "out"], 1, "R1"),
        (["evaluate", "R1", "--truth", "nowhere"], 1, "nowhere"),
        (["approvals", "show", "A1"], 1, "A1"),
        (["approvals", "revoke", "A1", "--reason", "r"], 1, "A1"),
        (["approvals", "add", "absent.toml"], 1, "absent.toml"),
        (["approvals", "add", "broken.toml"], 1, "broken.toml"),
        (["approvals", "add", "latin.toml"], 1, "latin.toml"),
        (["init"], 1, "workspace"),
        (["synth", "empty", "--children", "0", "--seed", "1"], 2, "1"),
        (["synth", "full", "--children", "9", "--seed", "1"], 2, "full"),
        (["synth", "new", "--children", "9", "--seed", "1", "--years", "2025-2020"], 2, "2025-2020"),
        (["synth", "new", "--children", "9", "--seed", "1", "--profile", "wild"], 2, "wild"),
        (["serve", "--host", "0.0.0.0"], 1, "127.0.0.1"),
        (["serve", "--host", "city.example"], 1, "127.0.0.1"),
        (["runs", "list", "--workspace", "nowhere"], 1, "nowhere"),
        (["runs", "list", "--workspace", "broken.toml"], 1, "broken.toml"),
        (["init", "--workspace", "broken.toml"], 1, "broken.toml"),
        (["init", "--workspace", "full"], 1, "full"),
        (["dispose", "--before", "yesterday"], 2, "yesterday"),
    ],
)
def test_a_mistake_is_one_line(mistaken, arguments, code, said):
    assert said in refused(mimamori(*arguments, cwd=mistaken), code)
    assert not (mistaken / "new").exists()


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory):
    """A folder with a workspace and things that can be mistaken for something else."""
    folder = tmp_path_factory.mktemp("mistaken")
    new_workspace(folder / "workspace", write_approval(folder, "2026-03"))
    (folder / "empty").mkdir()
    (folder / "full").mkdir()
    (folder / "full" / "note.txt").write_text("kept")
    (folder / "broken.toml").write_text('id = "x"\n[sources\n')
    (folder / "latin.toml").write_bytes("id = 'é'".encode("latin-1"))
    return folder


def test_a_taken_port_is_one_line(mistaken):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port) in refused(mimamori("serve", "--port", port, cwd=mistaken), code=2)


def held(folder):
    return sorted(path.name for path in folder.iterdir())


def stopped_while_linking(workspace, city, how):
    """A run that gets a signal while it links; its exit code and what it printed."""
    command = [COMMAND, "run", "--approval", "2026-03", "--delivery", city / "delivery", "--workspace", workspace]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        for line in running.stderr:
            if line == "Linking records\n":
                running.send_signal(how)
                break
        printed, said = running.communicate(timeout=60)
    return running.returncode, printed, said


def test_a_run_stopped_midway_leaves_nothing_and_the_next_one_works(copy, city):
    code, printed, said = stopped_while_linking(copy.workspace, city, signal.SIGINT)
    assert (code, printed) == (130, "")
    assert said.splitlines()[-1] == "Interrupted. A run under way was not published."
    assert held(copy.workspace / "staging") == []
    code, printed, _ = stopped_while_linking(copy.workspace, city, signal.SIGKILL)
    assert (code, printed) == (-signal.SIGKILL, "")
    listed = mimamori("runs", "list", "--workspace", copy.workspace, "--json")
    assert [one["run"] for one in json.loads(listed.stdout)] == [copy.run]
    assert mimamori("runs", "verify", "--workspace", copy.workspace).returncode == 0
    done = mimamori(
        "run", "--approval", "2026-03", "--delivery", city / "delivery", "--workspace", copy.workspace, language="ja"
    )
    assert done.returncode == 0, done.stderr
    assert held(copy.workspace / "staging") == []
    assert held(copy.workspace / "runs") == sorted([copy.run, done.stdout.splitlines()[-1]])
    assert mimamori("runs", "verify", "--workspace", copy.workspace).returncode == 0


def small_files_only():
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))


def test_a_full_disk_is_one_line_and_publishes_nothing(copy, city, tmp_path):
    arguments = ("--approval", "2026-03", "--delivery", city / "delivery", "--workspace", copy.workspace)
    done = mimamori("run", *arguments, preexec_fn=small_files_only)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "space" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    listed = mimamori("runs", "list", "--workspace", copy.workspace, "--json")
    assert [one["run"] for one in json.loads(listed.stdout)] == [copy.run]
    city_on_full_disk = mimamori("synth", tmp_path / "c", "--children", 300, "--seed", 1, preexec_fn=small_files_only)
    assert "space" in refused(city_on_full_disk)
    assert held(tmp_path / "c") == []


def test_a_read_only_workspace_is_one_line(copy, city):
    for path in [copy.workspace, *copy.workspace.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    # The superuser passes over permissions unless it gives up the right to.
    before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    arguments = ("--approval", "2026-03", "--delivery", city / "delivery", "--workspace", copy.workspace)
    assert "permission" in refused(mimamori("run", *arguments, before=before))
    for path in [copy.workspace, *copy.workspace.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)


def test_the_demo_from_end_to_end(tmp_path):
    done = mimamori("demo", "--children", 150, "--seed", 2, "--no-serve", cwd=tmp_path, language="ja")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert RUN_ID.fullmatch(lines[-1])
    assert any(line.startswith("結合: ") for line in lines)
    assert (tmp_path / "workspace" / "reports" / f"{lines[-1]}.html").is_file()
    assert mimamori("runs", "verify", cwd=tmp_path).returncode == 0


def test_a_demo_keeps_out_of_a_workspace_in_use(tmp_path):
    workspace = new_workspace(tmp_path / "workspace", write_approval(tmp_path, "2026-03"))
    said = refused(mimamori("demo", "--children", 50, "--no-serve", "--workspace", workspace))
    assert str(workspace) in said
    assert "--workspace" in said
    assert not (workspace / "demo").exists()


def test_a_demo_begins_anew_and_leaves_a_citys_settings_alone(tmp_path):
    assert mimamori("init", "--workspace", tmp_path / "w").returncode == 0
    (tmp_path / "w" / "sources").mkdir()
    (tmp_path / "w" / "mimamori.toml").write_text("capacity = 0.05\n")
    for seed in (1, 2):
        done = mimamori("demo", "--children", 60, "--seed", seed, "--no-serve", "--workspace", tmp_path / "w")
        assert done.returncode == 0, done.stderr
    listed = mimamori("runs", "list", "--json", "--workspace", tmp_path / "w")
    assert [one["run"] for one in json.loads(listed.stdout)] == [done.stdout.splitlines()[-1]]
    assert (tmp_path / "w" / "sources").is_dir()
    assert (tmp_path / "w" / "mimamori.toml").read_text() == "capacity = 0.05\n"


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        options = ("--children", 40, "--seed", 5, "--years", "2020-2023", "--profile", "hard")
        assert mimamori("synth", tmp_path / name, *options).returncode == 0
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(files) >= 6
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes() for file in files)
