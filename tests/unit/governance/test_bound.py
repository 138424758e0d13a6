"""Whatever an approval binds: a run or an export beyond it is refused, and the refusal is in the log."""

import hashlib
from datetime import date

import pytest
from sqlalchemy import delete, update

from governance import gate, register, tables
from governance.runlog import Kind, entries
from governance.verify import verify
from tests.unit.governance.conftest import APPROVAL, DAY
from vocabulary.errors import IntegrityError, RefusalError
from vocabulary.source import load_sources

LIST = b"source,local_id\nschool,1\n"
TERMS = APPROVAL.replace(
    "[sources]",
    f'[population]\nlisted = "{hashlib.sha256(LIST).hexdigest()}"\n[rules]\nindicators = "a1"\n[sources]',
)
RENAMED = """\
name = "school"
title = { ja = "学校", en = "School" }
[measurements]
grade = { type = "integer", header = ["税額"] }
"""


@pytest.fixture
def bound(workspace):
    register.add(workspace, TERMS, file="a.toml", sources=load_sources(), actor="os:operator", listed=LIST)
    return workspace


def admit(workspace, *, today=DAY, delivered=("school",)):
    return gate.admit(workspace, "2026-03", today=today, delivered=delivered, actor="os:operator")


def export(workspace, *, purpose=None, recipient=None):
    gate.hold_export(workspace, "2026-03", purpose=purpose, recipient=recipient, actor="os:operator")


def rename(workspace):
    (workspace.path / "sources").mkdir()
    (workspace.path / "sources" / "school.toml").write_text(RENAMED, encoding="utf-8")
    admit(workspace)


def use_up(workspace, publish):
    for _ in range(4):
        publish(workspace)
    admit(workspace)


def edit(workspace, statement):
    with workspace.writing() as connection:
        connection.execute(statement)
    admit(workspace)


WIDER = TERMS.replace('welfare = ["public_assistance", "tax_exempt"]', 'welfare = ["*"]')

BEYOND = {
    "sources": (lambda w, _: admit(w, delivered=["health"]), "refusal.sources"),
    "columns": (lambda w, _: rename(w), "refusal.denied"),
    "period, before": (lambda w, _: admit(w, today=date(2026, 3, 31)), "refusal.not_yet_valid"),
    "period, after": (lambda w, _: admit(w, today=date(2027, 4, 1)), "refusal.expired"),
    "population, list removed": (lambda w, _: edit(w, delete(tables.population_lists)), "custody.sealed_replaced"),
    "population, list exchanged": (
        lambda w, _: edit(w, update(tables.population_lists).values(content=w.custody.seal("population/x", LIST))),
        "custody.sealed_replaced",
    ),
    "terms": (lambda w, _: edit(w, update(tables.approvals).values(text=WIDER)), "runlog.row_edited"),
    "runs": (use_up, "refusal.used_up"),
    "rules": (
        lambda w, _: gate.hold_rules(w, admit(w), {"indicators": "a2", "judgements": "b"}, actor="os:operator"),
        "refusal.rules",
    ),
    "rules unknown": (lambda w, _: gate.hold_rules(w, admit(w), {}, actor="os:operator"), "refusal.rules"),
    "purpose of an export": (lambda w, _: export(w, purpose="research"), "refusal.purpose"),
    "recipients": (lambda w, _: export(w, recipient="police"), "refusal.recipient"),
}


@pytest.mark.parametrize("changed", BEYOND)
def test_a_changed_thing_is_refused_and_logged(bound, publish, changed):
    act, rule = BEYOND[changed]
    with pytest.raises((RefusalError, IntegrityError)) as error:
        act(bound, publish)
    assert error.value.key == rule
    with bound.reading() as connection:
        refused = [(entry.subject, entry.content["rule"]) for entry in entries(connection, kinds=[Kind.REFUSAL])]
    assert refused == [("2026-03", rule)]


def test_what_is_within_is_not_refused(bound, publish):
    grant = admit(bound)
    gate.hold_rules(bound, grant, {"indicators": "a1", "judgements": "b"}, actor="os:operator")
    export(bound)
    export(bound, purpose="early support for children in hardship", recipient="school")
    publish(bound)
    with bound.reading() as connection:
        assert entries(connection, kinds=[Kind.REFUSAL]) == []
    assert verify(bound).findings == ()


def test_an_export_of_what_is_not_registered(workspace):
    with pytest.raises(RefusalError, match="not registered"):
        export(workspace)
