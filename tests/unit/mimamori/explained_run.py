"""A workspace with one run, really linked: a girl under two surnames, her twin, and a town of others.

H-1 and S-1 are Hanako, before and after her surname changed; S-2 is her twin Momoko, W-1 a welfare record of Hanako.
"""

from datetime import date

import polars as pl

from governance import gate
from governance.custody import DataClass
from governance.staging import stage
from linkage.link import link
from linkage.standardise import standardise
from linkage.state import as_tables, model_document
from tests.unit.governance.conftest import DAY
from vocabulary.frames import RECORD, RECORDS, SPINE

HANAKO = {
    "family_name": "中村",
    "given_name": "花子",
    "given_kana": "はなこ",
    "birth_date": date(2012, 6, 7),
    "sex": "F",
    "address": "半町1-2-3",
    "phone": "0727210001",
    "guardian_name": "中村幸子",
}
FAMILIES = ["佐藤", "鈴木", "高田", "田中", "伊藤", "渡辺", "山本", "小林", "加藤", "吉田"]


def _rows(source, local_id, years, who):
    return [{"source": source, "local_id": local_id, "as_of": date(year, 4, 1), **who} for year in years]


def _stranger(number):
    return {
        "family_name": FAMILIES[number % 10],
        "given_name": f"{'一二三四五六七八九十'[number % 10]}{'郎子'[number % 2]}{'美介'[number // 10 % 2]}",
        "birth_date": date(2008 + number % 7, 1 + number * 5 % 12, 1 + number * 11 % 28),
        "sex": "MF"[number % 2],
        "address": f"新町{number}-1",
        "phone": f"07272{number * 9173 % 100000:05}",
        "guardian_name": f"{FAMILIES[number % 10]}親{number}",
    }


def town():
    """RECORDS of everybody."""
    rows = [
        *_rows("health", "H-1", (2018, 2019), HANAKO | {"family_name": "高橋", "guardian_name": "高橋健一"}),
        *_rows("school", "S-1", (2021, 2022, 2023), HANAKO),
        *_rows("welfare", "W-1", (2022,), HANAKO),
        *_rows("school", "S-2", (2021, 2022), HANAKO | {"given_name": "桃子", "given_kana": "ももこ"}),
    ]
    for number in range(20):
        for source in ("health", "school"):
            rows += _rows(source, f"{source[0].upper()}-{100 + number}", (2020, 2021), _stranger(number))
    return pl.DataFrame(rows, schema=RECORDS).sort(RECORD)


def publish(workspace, *, trained=True):
    """Publish a run of the town; its id."""
    records = town()
    linked = link(standardise(records))
    members = linked.profiles.members.join(linked.clusters.assignment, on="profile")
    spine = members.with_columns(person_id=pl.format("p-{}", "cluster")).select(SPINE.names())
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(workspace, grant, actor="os:operator") as run:
        frames = {**as_tables(linked), "records": records, "spine": spine, "joinings": linked.clusters.joinings}
        for name, frame in frames.items():
            run.write_frame(name, frame, DataClass.IDENTITIES)
        run.write_document("model", model_document(linked.model), DataClass.STATISTICS)
        parameters = {"linkage_model": {"version": linked.model.version, "trained": trained}}
        run.publish(inputs=[], parameters=parameters, counts={}, seeds={})
    return run.run_id
