"""Nothing of a child lies on the disk in plain after a run: planted values are looked for in every file, in many forms.

The delivery itself, the truth beside it and what is exported on purpose lie outside the folders that are searched.
"""

import gzip
import io
import json
import lzma
import shutil
import struct
import zipfile
from contextlib import suppress

import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from governance.views import views
from governance.workspace import Workspace
from tests.journey.conftest import mimamori, new_workspace, read_text, write_approval

pytestmark = pytest.mark.slow

PLANTED = {
    "family_name": "蘆鶴巻",
    "given_name": "耀翠丸",
    "family_kana": "アシヅルマキ",
    "given_kana": "ヨウスイマル",
    "address": "粟生間谷東8丁目765番43号",
    "phone": "072-987-6501",
    "guardian_name": "蘆鶴巻 燦々子",
}
SCORE = 61.83729
SET_ASIDE = "灘9Z-7781-不揃"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp932", "euc_jp")
ZSTD = b"\x28\xb5\x2f\xfd"


def markers():
    """Every planted value as bytes in every form in which a program may have written it."""
    texts = {*PLANTED.values(), SET_ASIDE, str(SCORE), *("燦々子", "765番43号", "0729876501", "765-43")}
    texts |= {value[::-1] for value in (PLANTED["family_name"], PLANTED["given_name"])}
    coded = {text.encode(encoding) for text in texts for encoding in ENCODINGS if _can(text, encoding)}
    escaped = {json.dumps(text).strip('"').encode() for text in texts}
    return coded | escaped | {struct.pack("<d", SCORE), struct.pack(">d", SCORE)}


def _can(text, encoding):
    try:
        return bool(text.encode(encoding))
    except UnicodeEncodeError:
        return False


def layers(data):
    """The bytes of a file, and what is in them if they are an archive, a table, or hold a compressed frame."""
    yield data
    for opened in (gzip.decompress, lzma.decompress, unzipped, arrow, table):
        try:
            yield opened(data)
        except (OSError, EOFError, ValueError, lzma.LZMAError, zipfile.BadZipFile):  # not of this form
            continue
    at = data.find(ZSTD)
    while at >= 0:
        with suppress(OSError):  # four bytes by chance
            yield pa.input_stream(io.BytesIO(data[at:]), compression="zstd").read(1 << 20)
        at = data.find(ZSTD, at + 1)


def unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def arrow(data):
    return pa.ipc.open_file(io.BytesIO(data)).read_all().to_pandas().to_csv().encode()


def table(data):
    return pl.from_arrow(parquet.read_table(io.BytesIO(data))).write_csv().encode()


def found_in(folder, looked_for):
    return {
        (str(path.relative_to(folder)), marker)
        for path in folder.rglob("*")
        if path.is_file()
        for layer in layers(path.read_bytes())
        for marker in looked_for
        if marker in layer
    }


@pytest.fixture(scope="module")
def planted(city, tmp_path_factory):
    """A delivery in which one child whom every source knows has the planted values."""
    outside = tmp_path_factory.mktemp("outside")
    records = pl.read_csv(city / "truth/records.csv", infer_schema=False)
    known = records.group_by("child").agg(pl.col("source").n_unique(), rows=pl.len()).filter(pl.col("source") == 3)
    child = known.sort("rows", "child")["child"][-1]
    ours = records.filter(pl.col("child") == child)
    (outside / "delivery").mkdir()
    for file in sorted((city / "delivery").iterdir()):
        rows = read_text(file)
        numbers = ours.filter(pl.col("source") == file.stem)["local_id"]
        here = pl.col("local_id").is_in(numbers.implode())
        values = {name: value for name, value in PLANTED.items() if name in rows.columns}
        if file.stem == "school":
            values |= {"score_math": str(SCORE)}
        rows = rows.with_columns(
            pl.when(here).then(pl.lit(value)).otherwise(name).alias(name) for name, value in values.items()
        )
        if file.stem == "welfare":
            rows = pl.concat([rows, rows.head(1).with_columns(consultation_count=pl.lit(SET_ASIDE))])
        rows.write_csv(outside / "delivery" / f"{file.stem}.csv")
    return outside


@pytest.fixture(scope="module")
def used(planted, city, tmp_path_factory):
    """The folders that the commands may write into, after a run, reviews, explanations and an evaluation."""
    disk = tmp_path_factory.mktemp("disk")
    for name in ("home", "tmp", "cwd"):
        (disk / name).mkdir()
    variables = {"HOME": str(disk / "home"), "TMPDIR": str(disk / "tmp"), "XDG_CACHE_HOME": str(disk / "home/cache")}
    approval = write_approval(planted, "2026-03")
    workspace = new_workspace(disk / "workspace", approval)

    def does(*arguments):
        done = mimamori(*arguments, "--workspace", workspace, variables=variables, cwd=disk / "cwd")
        assert done.returncode == 0, done.stderr
        return done

    run = does("run", "--approval", "2026-03", "--delivery", planted / "delivery").stdout.splitlines()[-1]
    does("export", run, "--out", planted / "exported")
    timeline = pl.read_parquet(planted / "exported/timeline.parquet")
    assert str(SCORE) in (planted / "exported/timeline.csv").read_text("utf-8")
    assert SET_ASIDE in (planted / "exported/rejects.csv").read_text("utf-8")
    person = timeline.filter(pl.col("value").cast(pl.String).str.contains(str(SCORE)))["person_id"][0]
    assert PLANTED["phone"][-4:] in does("explain", "--person", person).stdout
    does("review", "queue")
    does("evaluate", run, "--truth", city / "truth")
    does("runs", "verify")
    return disk, pl.read_parquet(planted / "exported/persons.parquet")["person_id"].to_list()


def test_the_search_finds_what_lies_in_plain(planted, tmp_path):
    for source in ("welfare", "school", "health"):
        shutil.copy(planted / "delivery" / f"{source}.csv", tmp_path)
    frame = pl.DataFrame({"name": [PLANTED["family_name"]], "score": [SCORE]})
    frame.write_parquet(tmp_path / "spilled.parquet", compression="zstd")
    frame.write_ipc(tmp_path / "spilled.arrow", compression="zstd")
    pa.CompressedOutputStream(str(tmp_path / "log.zst"), "zstd").write(PLANTED["address"].encode("cp932"))
    (tmp_path / "log.gz").write_bytes(gzip.compress(PLANTED["phone"].encode()))
    names = {name for name, _ in found_in(tmp_path, markers())}
    assert names == {path.name for path in tmp_path.iterdir()}


def test_no_planted_value_is_anywhere_on_the_disk(used):
    disk, _ = used
    assert sum(path.is_file() for path in (disk / "workspace").rglob("*")) > 20
    assert found_in(disk, markers()) == set()


def test_nothing_is_left_outside_the_workspace(used):
    disk, _ = used
    assert [path for name in ("tmp", "cwd") for path in (disk / name).rglob("*") if path.is_file()] == []


def test_no_person_id_lies_in_plain_but_of_whom_somebody_looked_at(used):
    disk, persons = used
    looked_at = {person for view in views(Workspace.open(disk / "workspace")) for person in view.person_ids}
    assert looked_at < set(persons)
    others = [person for person in persons if person not in looked_at]
    assert found_in(disk / "workspace", {person.encode() for person in others[:50]}) == set()
    in_log = found_in(disk / "workspace", {person.encode() for person in looked_at})
    assert {name.split("-")[0] for name, _ in in_log} == {"mimamori.db"}
