"""A small town of known people, and records of one more child and her twin to be linked with it."""

from collections.abc import Iterable
from datetime import date

import polars as pl

from linkage.link import link
from linkage.linked import Linkage
from tests.unit.linkage.people import at, records
from vocabulary.frames import DECISIONS

FAMILIES = [
    "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤",
    "吉田", "山田", "佐々木", "山口", "松本", "井上", "木村", "林", "斎藤", "清水",
]  # fmt: skip
GIVEN = ["花子", "太郎", "桃子", "翼", "蓮", "陽菜", "結衣", "大和", "颯太", "美咲"]
READINGS = ["ハナコ", "タロウ", "モモコ", "ツバサ", "レン", "ヒナ", "ユイ", "ヤマト", "ソウタ", "ミサキ"]


def child(number: int) -> dict:
    """The values of the child of this number; every child lives in a household of its own."""
    family, given = FAMILIES[number % 20], number % 10
    return {
        "local_id": f"S{number}",
        "family": family,
        "given": GIVEN[given],
        "family_kana": f"カゾク{'アイウエオカキクケコサシスセソタチツテト'[number % 20]}",
        "given_kana": READINGS[given],
        "birth_date": date(2008 + number % 7, 1 + number * 5 % 12, 1 + number * 11 % 28),
        "sex": "FM"[number % 2],
        "postal": f"56200{number % 30:02}",
        "town": f"町{number % 30}",
        "block": f"{number}-1",
        "guardian": f"{family}親{number}",
        "guardian_kana": None,
        "phone": f"07272{number * 9173 % 100000:05}",
    }


def held(who: dict, source: str, years: Iterable[int], number: str | None = None, **changes) -> list[dict]:
    """The rows of one number: what `source` holds of a child in `years`."""
    return [
        who | {"source": source, "local_id": number or who["local_id"], "as_of": at(year)} | changes for year in years
    ]


TOWN = [
    row
    for number in range(60)
    for source in ("school", "health", "welfare")
    for row in held(child(number), source, range(2020, 2023))
]
X = child(100) | {
    "given": "蒼",
    "given_kana": "アオイ",
    "family": "千早",
    "family_kana": "チハヤ",
    "guardian": "千早真",
}
TWIN = X | {"local_id": "T100", "given": "茜", "given_kana": "アカネ"}
HOUSEHOLD = ("family", "family_kana", "postal", "town", "block", "phone")


def groups(linkage: Linkage) -> dict[tuple[str, str], set[int]]:
    """(source, local id) → the clusters its records came to."""
    found = linkage.profiles.members.join(linkage.clusters.assignment, on="profile")
    numbers = found.group_by("source", "local_id").agg(pl.col("cluster").unique())
    return {(source, number): set(clusters) for source, number, clusters in numbers.iter_rows()}


def are_one(linkage: Linkage, *numbers: tuple[str, str]) -> bool:
    """Whether the numbers are one child, and wholly."""
    found = groups(linkage)
    return len(set().union(*(found[number] for number in numbers))) == 1


def people(rows: list[dict], **options: object) -> dict[tuple[str, str], set[int]]:
    """The groups of the town and these rows."""
    return groups(link(records(*TOWN, *rows), **options))


def same(rows: list[dict], *numbers: tuple[str, str], **options: object) -> bool:
    """Whether the numbers, linked with the town, are one child, and wholly."""
    return are_one(link(records(*TOWN, *rows), **options), *numbers)


def partition(linkage: Linkage) -> set[frozenset[tuple]]:
    """The records of each child."""
    found = linkage.profiles.members.join(linkage.clusters.assignment, on="profile")
    parts = found.group_by("cluster").agg(pl.struct("source", "local_id", "as_of"))
    return {frozenset(tuple(record.values()) for record in part) for part in parts["source"].to_list()}


def decision(verdict: str, left: tuple[str, str, int], right: tuple[str, str, int]) -> pl.DataFrame:
    """What a reviewer decided of two records, each (source, local id, year)."""
    row = [*left[:2], at(left[2]), *right[:2], at(right[2]), verdict]
    return pl.DataFrame([row], schema=DECISIONS, orient="row")
