"""The page of cases says what the data says, and every state, step and reason has its words."""

import pytest

from governance.case_state import TRANSITIONS, Assessment, CaseState, CaseStep, CloseReason, Disagreement
from tests.spec.cases_page import PAGE, diagram, written
from vocabulary.texts import catalogue


def test_the_page_is_the_one_made_from_the_data():
    page = PAGE.read_text("utf-8")
    assert page == written(page), "python -m tests.spec.cases_page"


def test_the_diagram_draws_every_step_that_changes_the_state():
    drawn = [line for line in diagram() if " --> " in line]
    moves = [1 for (state, _), after in TRANSITIONS.items() if after not in (None, state)]
    assert len(drawn) == len(moves) + 2


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("state", CaseState),
        ("step", CaseStep),
        ("assessment", Assessment),
        ("close", CloseReason),
        ("disagree", Disagreement),
        ("did", CaseStep),
        ("done", [step for step in CaseStep if step is not CaseStep.RENUMBER]),
    ],
)
def test_everything_has_its_words(prefix, words):
    assert [one for one in words if f"case.{prefix}_{one}" not in catalogue()] == []
