"""An approval file is taken as the contract has it, and every fault in it is one line."""

from datetime import date

import pytest

from governance.approval import approval_of, parse_approval
from tests.unit.governance.conftest import APPROVAL
from vocabulary.errors import ApprovalError
from vocabulary.source import load_sources

SOURCES = load_sources()


def parse(toml: str):
    return parse_approval(toml, file="approval.toml", sources=SOURCES)


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")


def test_the_contracts_example():
    approval = parse(APPROVAL)
    assert approval.valid_until == date(2027, 3, 31)
    assert approval.max_runs == 4
    assert approval.columns() == {"welfare": frozenset({"public_assistance", "tax_exempt"}), "school": "*"}
    assert approval_of(APPROVAL) == approval


def test_identity_columns_are_approved_with_the_source_and_need_no_mention():
    listed = APPROVAL.replace('"tax_exempt"', '"tax_exempt", "birth_date"')
    assert parse(listed).columns() == parse(APPROVAL).columns()


def test_a_shared_number_is_approved_by_name_alone():
    listed = APPROVAL.replace('"tax_exempt"', '"tax_exempt", "shared_number"').replace(
        '["*"]', '["*", "birth_date", "shared_number"]'
    )
    assert parse(listed).columns() == {
        "welfare": frozenset({"public_assistance", "tax_exempt", "shared_number"}),
        "school": frozenset({"*", "shared_number"}),
    }


def test_no_limit_of_runs_and_dates_in_quotes():
    assert parse(APPROVAL.replace("max_runs = 4\n", "")).max_runs is None
    assert parse(APPROVAL.replace("2026-04-01", '"2026-04-01"')) == parse(APPROVAL)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('purpose = "early', 'purpos = "early', "purpose: a required field is missing"),
        ('purpose = "early', 'purpos = "early', "purpos: not a field of an approval"),
        ('authority = "個人情報保護審議会"', 'authority = "  "', "authority: must not be empty"),
        ('id = "2026-03"', 'id = "a/b"', "id: an id has at most 64 characters"),
        ('id = "2026-03"', "id = 3", "id: not a text"),
        ("max_runs = 4", "max_runs = 0", "max_runs: not a whole number of 1 or more"),
        ("max_runs = 4", "max_runs = true", "max_runs: not a whole number of 1 or more"),
        ("max_runs = 4", 'max_runs = "4"', "max_runs: not a whole number of 1 or more"),
        ("valid_from = 2026-04-01", "valid_from = 20260401", "valid_from: not a date"),
        ("valid_from = 2026-04-01", 'valid_from = "R8.4.1"', "valid_from: not a date"),
        ("valid_from = 2026-04-01", "valid_from = 2026-04-01T09:00:00", "valid_from: not a date"),
        ("valid_from = 2026-04-01", "valid_from = 2027-04-01", "valid_until: the period ends (2027-03-31) before"),
        ('recipients = ["support_team", "school"]', 'recipients = "school"', "recipients: not a list"),
        ('recipients = ["support_team", "school"]', "recipients = [1]", "recipients.0: not a text"),
        ('[sources]\nwelfare = ["public_assistance", "tax_exempt"]', "", "school: not a field"),
        ('school = ["*"]', "school = []", "sources.school: must not be empty"),
        ('school = ["*"]', 'school = "*"', "sources.school: not a list"),
        ('school = ["*"]', 'tax = ["*"]', "sources.tax: no such source. Write one of health, school, welfare"),
        ('school = ["*"]', 'school = ["income"]', "sources.school: the source has no column income"),
        ('title = "', "title = ", "not readable as TOML"),
    ],
)
def test_each_fault_is_one_line_with_file_field_rule_and_remedy(old, new, line):
    assert old in APPROVAL
    with pytest.raises(ApprovalError) as error:
        parse(APPROVAL.replace(old, new))
    assert any(said.startswith(f"approval.toml: {line}") for said in str(error.value).splitlines())


def test_all_faults_are_said_at_once():
    with pytest.raises(ApprovalError) as error:
        parse(
            APPROVAL.replace("max_runs = 4", "max_runs = 0")
            .replace("retention_days = 1825", "")
            .replace("[sources]", "[source]")
        )
    assert [line.split(": ")[1] for line in str(error.value).splitlines()] == [
        "max_runs", "retention_days", "sources", "source",
    ]  # fmt: skip


def test_an_empty_file():
    with pytest.raises(ApprovalError) as error:
        parse("")
    assert len(str(error.value).splitlines()) == 12
