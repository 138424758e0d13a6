"""A workspace with runs made by hand: a child whose surname changed, her twin, and a stranger.

profile  number       records          person
0        health H-1   2018, 2019       p-hanako   高橋花子, before the divorce
1        school S-1   2021, 2022, 2023 p-hanako   中村花子, after it
2        welfare W-1  2022             p-hanako   中村花子
3        school S-2   2021, 2022       p-momoko   中村桃子
4        health H-2   2018             p-taro     山田太郎
"""

from datetime import date

import polars as pl

from governance import gate, register
from governance.custody import DataClass
from governance.staging import stage
from governance.workspace import Workspace
from tests.unit.governance.conftest import APPROVAL, DAY
from vocabulary.frames import RECORDS, SPINE
from vocabulary.source import load_sources

HANAKO_BEFORE = {"family_name": "高橋", "given_name": "花子", "given_kana": "ハナコ", "phone": "072-721-0001"}
HANAKO = {"family_name": "中村", "given_name": "花子", "given_kana": "はなこ", "phone": "0727210001"}
BORN = date(2012, 6, 7)

NUMBERS = [
    (0, "health", "H-1", (2018, 2019), "p-hanako", HANAKO_BEFORE | {"birth_date": BORN}),
    (1, "school", "S-1", (2021, 2022, 2023), "p-hanako", HANAKO | {"birth_date": BORN}),
    (2, "welfare", "W-1", (2022,), "p-hanako", HANAKO),
    (3, "school", "S-2", (2021, 2022), "p-momoko", HANAKO | {"given_name": "桃子", "given_kana": "ももこ"}),
    (4, "health", "H-2", (2018,), "p-taro", {"family_name": "山田", "given_name": "太郎"}),
]
JOININGS = [
    (0, 1, 3.0, True, 2),
    (1, 2, 5.0, True, 1),
    (0, 3, -2.0, False, 2),
    (3, 4, -15.0, False, 1),
]


def joinings_frame(rows):
    schema = {
        "left": pl.UInt32,
        "right": pl.UInt32,
        "bits": pl.Float64,
        "joined": pl.Boolean,
        "records": pl.UInt32,
        "review": pl.String,
    }
    return pl.DataFrame([(*row, None)[:6] for row in rows], schema=schema, orient="row")


def records_frame(numbers):
    rows = [
        {"source": source, "local_id": local_id, "as_of": date(year, 4, 1), **identity}
        for _, source, local_id, years, _, identity in numbers
        for year in years
    ]
    return pl.DataFrame(rows, schema=RECORDS)


def approved_workspace(folder, settings=""):
    folder.mkdir()
    (folder / "mimamori.toml").write_text(settings)
    workspace = Workspace.create(folder, actor="os:operator")
    register.add(workspace, APPROVAL, file="a.toml", sources=load_sources(), actor="os:operator")
    return workspace


def publish(workspace, *, numbers=NUMBERS, joinings=JOININGS, events=()):
    """Publish a run of these numbers and joinings; its id."""
    records = records_frame(numbers)
    by_number = pl.DataFrame(
        [(profile, local_id, person) for profile, _, local_id, _, person, _ in numbers],
        schema={"profile": pl.UInt32, "local_id": pl.String, "person_id": pl.String},
        orient="row",
    )
    members = records.select("source", "local_id", "as_of").join(by_number, on="local_id", maintain_order="left")
    schema = {"kind": pl.String, "person_id": pl.String, "other_id": pl.String, "records": pl.UInt32}
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(workspace, grant, actor="os:operator") as run:
        run.write_frame("records", records, DataClass.IDENTITIES)
        run.write_frame("members", members.drop("person_id"), DataClass.IDENTITIES)
        run.write_frame("spine", members.select(SPINE.names()), DataClass.IDENTITIES)
        run.write_frame("joinings", joinings_frame(joinings), DataClass.IDENTITIES)
        run.write_frame("events", pl.DataFrame(list(events), schema=schema, orient="row"), DataClass.PSEUDONYMOUS)
        run.publish(inputs=[], parameters={}, counts={}, seeds={})
    return run.run_id
