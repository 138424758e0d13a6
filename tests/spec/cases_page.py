"""Writes the states and steps of a case into docs/cases.md, from the data: `python -m tests.spec.cases_page`."""

import re
from pathlib import Path

from governance.case_state import OUTCOME, TRANSITIONS, WITHOUT_PLAN, Assessment, CaseState, CaseStep
from vocabulary.texts import text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cases.md"
BEGIN, END = "<!-- made from governance/case_state.py: begin -->\n", "<!-- end -->\n"


def both(key):
    return " ".join(text(key, language=language) for language in ("ja", "en"))


def diagram():
    """A Mermaid diagram of the steps that lead from one state to another; those that stay are in the table."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state in CaseState:
        named = " / ".join(text(f"case.state_{state}", language=language) for language in ("ja", "en"))
        yield f"    {state}: {named}"
    yield f"    [*] --> {CaseState.NEW}: open"
    for (state, step), after in TRANSITIONS.items():
        if after is not None and after is not state:
            yield f"    {state} --> {after}: {step}"
    yield f"    {CaseState.CLOSED} --> [*]"
    yield "```"


def table():
    yield "| | " + " | ".join(both(f"case.state_{state}") for state in CaseState) + " |"
    yield "|---" * (len(CaseState) + 1) + "|"
    for step in CaseStep:
        cells = (TRANSITIONS[state, step] for state in CaseState)
        yield f"| {both(f'case.step_{step}')} | " + " | ".join(f"{after}" if after else "—" for after in cells) + " |"


def assessments():
    yield "| 見立て / assessment | 記録される結果 / outcome recorded | 計画・経過 / plan, follow-up |"
    yield "|---|---|---|"
    for one in Assessment:
        outcome = OUTCOME[one]
        planned = "—" if one in WITHOUT_PLAN else "○"
        yield f"| {both(f'case.assessment_{one}')} | {f'`{outcome}`' if outcome else '—'} | {planned} |"


def written(page):
    """The page with its made part made anew."""
    made = "\n\n".join("\n".join(part()) for part in (diagram, table, assessments))
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    assert len(pattern.findall(page)) == 1
    return pattern.sub(lambda _: f"{BEGIN}\n{made}\n\n{END}", page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8")
