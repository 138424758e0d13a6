"""Tax records, My Number and sensitive columns are not granted without a basis for the very column."""

import re

import pytest

from governance import gate, register
from governance.approval import parse_approval
from governance.denied import denied_columns, group_of, groups
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from tests.unit.governance.conftest import APPROVAL, DAY
from vocabulary.errors import ApprovalError, RefusalError
from vocabulary.source import Source, load_sources

SOURCES = load_sources()

OWN = """\
name = "consultations"
title = { ja = "相談", en = "Consultations" }
[measurements]
topic = { type = "text", header = ["相談内容"] }
"""

APPROVED = APPROVAL.replace('school = ["*"]', 'school = ["*"]\nconsultations = ["*"]')


def source(**changes):
    stated = {"name": "consultations", "title": {"ja": "相談", "en": "Consultations"}, "measurements": {}}
    return Source.model_validate(stated | changes)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("tax", "municipal_tax"),
        ("ＴＡＸ", "municipal_tax"),
        ("TaxAmount", "municipal_tax"),
        ("income-tax-2024", "municipal_tax"),
        ("resident_tax", "municipal_tax"),
        ("t\u200bax", "municipal_tax"),
        ("住民税", "municipal_tax"),
        ("市 民 税 額", "municipal_tax"),
        ("住民税非課税世帯", "municipal_tax"),
        ("ｼﾞｭｳﾐﾝｾﾞｲ", "municipal_tax"),
        ("所得割額", "municipal_tax"),
        ("tax_exempt_tax_amount", "municipal_tax"),
        ("個人番号", "my_number"),
        ("マイナンバー", "my_number"),
        ("ﾏｲﾅﾝﾊﾞｰ", "my_number"),
        ("MyNumber", "my_number"),
        ("my-number", "my_number"),
        ("病歴", "sensitive"),
        ("犯罪歴の有無", "sensitive"),
        ("信条", "sensitive"),
        ("criminal_record", "sensitive"),
        ("tax_exempt", None),
        ("非課税世帯", None),
        ("統一宛名番号", None),
        ("number", None),
        ("syntax", None),
        ("grace_period", None),
    ],
)
def test_names_on_the_list(name, group):
    assert group_of(name, "column") == group


def test_every_pattern_finds_itself():
    for name, group in groups().items():
        for word in group.words:
            assert group_of(word.replace("*", ""), "column") == name, word


def test_the_built_in_sources_stand_on_no_list():
    assert [found for one in SOURCES.values() for found in denied_columns(one, "*")] == []


@pytest.mark.parametrize(
    "own",
    [
        source(measurements={"tax": {"type": "number"}}),
        source(measurements={"tax_exempt": {"type": "flag", "header": ["tax"]}}),
        source(measurements={"days": {"type": "number", "header": ["日数", "市民税額"]}}),
        source(identity={"local_id": {"header": ["個人番号"]}}),
        source(identity={"phone": {"header": ["ﾏｲﾅﾝﾊﾞｰ"]}}),
        source(identity={"address": {"join": ["住所", "課税地"]}}),
        source(name="tax", measurements={"days": {"type": "number"}}),
        source(title={"ja": "住民税課税台帳", "en": "Register"}, measurements={"days": {"type": "number"}}),
    ],
    ids=["column", "header", "second header", "identity", "half-width", "joined", "source", "title"],
)
def test_a_column_is_known_by_its_name_its_headers_and_its_source(own):
    toml = APPROVAL.replace('school = ["*"]', f'school = ["*"]\n{own.name} = ["*"]')
    with pytest.raises(ApprovalError, match="is not read without a legal basis of its own"):
        parse_approval(toml, file="a.toml", sources=SOURCES | {own.name: own})


def test_a_column_that_is_not_granted_needs_no_basis():
    own = source(measurements={"tax": {"type": "number"}, "days": {"type": "number"}})
    assert denied_columns(own, frozenset({"days"})) == []
    by_name_only = source(identity={"shared_number": {"header": ["マイナンバー"]}})
    assert denied_columns(by_name_only, "*") == []
    assert [one.group for one in denied_columns(by_name_only, frozenset({"*", "shared_number"}))] == ["my_number"]


def test_a_basis_holds_for_its_own_column_alone():
    own = source(measurements={"history": {"type": "text", "header": ["病歴"]}, "creed": {"type": "text"}})
    known = SOURCES | {own.name: own}
    stated = APPROVED + '[legal_bases.consultations]\nhistory = "児童福祉法第25条の3"\n'
    with pytest.raises(ApprovalError) as error:
        parse_approval(stated, file="a.toml", sources=known)
    assert re.findall("column (\\w+) is not read", str(error.value)) == ["creed"]
    approval = parse_approval(stated + 'creed = "児童福祉法第25条の3"\n', file="a.toml", sources=known)
    assert set(approval.legal_bases["consultations"]) == {"history", "creed"}


def test_a_specification_changed_after_the_approval_is_refused_at_the_gate_and_logged(workspace: Workspace):
    folder = workspace.path / "sources"
    folder.mkdir()
    (folder / "consultations.toml").write_text(OWN, encoding="utf-8")
    known = load_sources(workspace.sources_folder)
    register.add(workspace, APPROVED, file="a.toml", sources=known, actor="os:operator")

    def admit():
        return gate.admit(workspace, "2026-03", today=DAY, delivered=["consultations"], actor="os:operator")

    assert admit().columns == {"consultations": "*"}
    (folder / "consultations.toml").write_text(OWN.replace("相談内容", "市民税額"), encoding="utf-8")
    with pytest.raises(RefusalError, match='header "市民税額" column topic of consultations is not read'):
        admit()
    with workspace.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.REFUSAL])
    assert entry.content["rule"] == "refusal.denied"
