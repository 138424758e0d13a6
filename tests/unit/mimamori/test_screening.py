"""What is taken out of a delivery before anything is linked: Individual Numbers, and who is outside the population."""

import hashlib
from datetime import date

import polars as pl
import pytest

from governance import gate, register
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from linkage.delivery import read_delivery
from mimamori.screening import screened
from mimamori.summary import _meaning
from tests.unit.governance.conftest import APPROVAL
from vocabulary.errors import RefusalError
from vocabulary.source import load_sources

TODAY = date(2026, 6, 1)
MY_NUMBER = "123456789018"
SPECIFICATION = """\
name = "consultations"
title = { ja = "相談", en = "Consultations" }
[measurements]
remark = { type = "text", header = ["備考"] }
amount = { type = "number" }
"""
APPROVED = APPROVAL.replace('school = ["*"]', 'consultations = ["*"]')
HEADER = "local_id,as_of,family_name,birth_date,phone,address,備考,amount\n"


def row(number, *, day="2026-04-01", name="山田", born="2015-05-05", phone="", address="", remark="", amount=""):
    return f"{number},{day},{name},{born},{phone},{address},{remark},{amount}\n"


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    made = Workspace.create(tmp_path / "workspace", actor="os:operator")
    (made.path / "sources").mkdir()
    (made.path / "sources" / "consultations.toml").write_text(SPECIFICATION, encoding="utf-8")
    return made


def screen(workspace, tmp_path, rows, *, stated="", listed=None, header=HEADER):
    """What `screened` leaves of the rows of one file, and its counts."""
    folder = tmp_path / "delivery"
    folder.mkdir(exist_ok=True)
    (folder / "consultations.csv").write_text(header + "".join(rows), encoding="utf-8")
    sources = load_sources(workspace.sources_folder)
    toml = APPROVED.replace("[sources]", f"{stated}\n[sources]")
    register.add(workspace, toml, file="a.toml", sources=sources, actor="os:operator", listed=listed)
    grant = gate.admit(workspace, "2026-03", today=TODAY, delivered=["consultations"], actor="os:operator")
    known = {"consultations": sources["consultations"]}
    delivery = read_delivery(folder, sources=known, columns=grant.columns, today=TODAY, max_set_aside=0.9)
    return screened(workspace, delivery, grant, known, actor="os:operator")


def logged(workspace):
    with workspace.reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[Kind.REFUSAL])]


PLACES = {
    "local_id": row(MY_NUMBER),
    "family_name": row("9", name="1234 5678 9018"),
    "phone": row("9", phone="1234-5678-9018"),
    "address": row("9", address="１２３４５６７８９０１８"),
    "remark": row("9", remark="母の個人番号は123456789018"),
    "amount": row("9", amount=MY_NUMBER),
}


@pytest.mark.parametrize("column", PLACES)
def test_a_single_number_in_any_column_sets_its_row_aside_without_its_value(workspace, tmp_path, column):
    delivery, counts = screen(workspace, tmp_path, [row("1"), PLACES[column], row("2", remark="7000012050002")])
    assert delivery.extracts["consultations"]["local_id"].to_list() == ["1", "2"]
    (reject,) = delivery.rejects.rows(named=True)
    assert (reject["line"], reject["column"], reject["value"], reject["rule"]) == (3, column, None, "my_number")
    (file,) = delivery.files
    assert (file.delivered, file.accepted, file.set_aside) == (3, 2, 1)
    assert counts == {}
    assert MY_NUMBER not in repr((delivery.extracts["consultations"].rows(), delivery.rejects.rows()))
    assert "Individual Number" in _meaning("my_number")


def test_a_number_in_a_row_that_broke_another_rule_is_not_kept_either(workspace, tmp_path):
    delivery, _ = screen(workspace, tmp_path, [row("1"), row("2", born=MY_NUMBER), row("3", amount="1234-5678-9018円")])
    assert delivery.rejects.select("rule", "value").rows() == [("birth_date_not_a_date", None), ("not_a_number", None)]


def numbers(count):
    digits = (f"{eleven:011d}" for eleven in range(10_000_000_123, 10_000_000_123 + 977 * count, 977))
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    for eleven in digits:
        rest = sum(weight * int(digit) for weight, digit in zip(weights, eleven, strict=True)) % 11
        yield eleven + str(0 if rest <= 1 else 11 - rest)


@pytest.mark.parametrize("column", ["local_id", "phone", "remark"])
def test_a_column_of_them_under_any_name_is_refused_and_the_log_holds_no_value(workspace, tmp_path, column):
    held = list(numbers(12))
    rows = [
        row(n if column == "local_id" else i, **({} if column == "local_id" else {column: n}))
        for i, n in enumerate(held)
    ]
    with pytest.raises(RefusalError, match=f"column {column} of consultations, 12 have the check digit"):
        screen(workspace, tmp_path, rows)
    (refusal,) = logged(workspace)
    assert refusal["rule"] == "refusal.my_number"
    assert not any(number in repr(refusal) for number in held)


def test_local_numbers_of_twelve_digits_pass(workspace, tmp_path):
    delivery, _ = screen(workspace, tmp_path, [row(300_000_000_000 + i) for i in range(300)])
    assert delivery.extracts["consultations"].height == 300
    assert delivery.rejects.height == 0


def test_a_column_with_a_legal_basis_of_its_own_is_read(workspace, tmp_path):
    file = workspace.path / "sources" / "consultations.toml"
    file.write_text(SPECIFICATION + 'my_number = { type = "text", header = ["個人番号"] }\n', encoding="utf-8")
    held = list(numbers(12))
    rows = [row(i)[:-1] + f",{number}\n" for i, number in enumerate(held)]
    basis = '[legal_bases.consultations]\nmy_number = "番号法第9条第2項、市条例第3条"'
    delivery, _ = screen(workspace, tmp_path, rows, stated=basis, header=HEADER[:-1] + ",個人番号\n")
    assert delivery.extracts["consultations"]["my_number"].to_list() == held


LIST = b"source,local_id\nconsultations,1\n"


@pytest.mark.parametrize(
    ("stated", "listed", "rules"),
    [
        ("ages = [0, 17]", None, ["age_unknown", "age"]),
        ("towns = ['稲']", None, ["residence_unknown", "residence"]),
        ("columns.consultations.amount = ['1.0']", None, ["column_unknown", "column"]),
        (f"listed = '{hashlib.sha256(LIST).hexdigest()}'", LIST, ["not_listed"]),
    ],
    ids=["ages", "towns", "column", "list"],
)
def test_rows_outside_the_population_go_no_further(workspace, tmp_path, stated, listed, rules):
    rows = [
        row("1", address="箕面市稲1", amount="1"),
        row("2", born="1999-01-01", address="豊中市1", amount="2"),
        row("3", born=""),
        row("4", born="浜崎"),
    ]
    delivery, counted = screen(workspace, tmp_path, rows, stated=f"[population]\n{stated}", listed=listed)
    assert counted == {"within": 1} | {f"outside_{rule}": 2 // len(rules) for rule in rules}
    assert delivery.extracts["consultations"]["local_id"].to_list() == ["1"]
    (reject,) = delivery.rejects.rows(named=True)
    assert (reject["line"], reject["value"]) == (5, None), "whose row it was is not known"
    (file,) = delivery.files
    assert (file.delivered, file.accepted, file.set_aside) == (4, 3, 1)


def test_without_a_population_every_row_is_kept(workspace, tmp_path):
    delivery, counts = screen(workspace, tmp_path, [row("1"), row("2", born="1950-01-01")])
    assert (delivery.extracts["consultations"].height, counts) == (2, {})
    assert delivery.rejects.equals(pl.DataFrame(schema=delivery.rejects.schema))
