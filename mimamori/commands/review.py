"""`mimamori review`: joinings put before a person, what was decided, and what that says of a run."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.actions import Action
from governance.review_state import Verdict
from mimamori.accounts import acting, opened_for
from mimamori.console import (
    DEFAULT_WORKSPACE,
    AccountOption,
    JsonOption,
    WorkspaceOption,
    columns,
    local_time,
    note,
    report,
)
from mimamori.help import HelpCommand, HelpGroup
from mimamori.review_screen import described
from vocabulary.errors import UsageError, WorkspaceError
from vocabulary.texts import text

if TYPE_CHECKING:
    import polars as pl

    from governance.reviews import Review
    from governance.workspace import Workspace
    from mimamori.joinings import Joinings

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

RunArgument = Annotated[str | None, typer.Argument(metavar="[RUN]", help=text("review.help_run"))]
RunOption = Annotated[str | None, typer.Option("--run", metavar="RUN", help=text("review.help_run"))]
Left = Annotated[int, typer.Argument(metavar="LEFT", help=text("review.help_profile"))]
Right = Annotated[int, typer.Argument(metavar="RIGHT", help=text("review.help_profile"))]
Reason = Annotated[str, typer.Option("--reason", metavar="R", help=text("review.help_reason"))]
Between = Annotated[
    tuple[float, float] | None, typer.Option("--between", metavar="LOW HIGH", help=text("review.help_between"))
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help=text("review.help_limit"))]
Sampled = Annotated[bool, typer.Option("--sample", help=text("review.help_sampled"))]

ANSWERS = {"s": Verdict.SAME, "d": Verdict.DIFFERENT, "c": Verdict.CANNOT_SAY}
ALL_SAME, SKIP, QUIT = "a", "k", "q"


@app.command("queue", cls=HelpCommand, help=text("review.command_queue"))
def queue(
    run_id: RunArgument = None,
    between: Between = None,
    limit: Limit = None,
    sampled: Sampled = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    opened, joinings, _ = _open(workspace, run_id, account, Action.REVIEW_LINKS)
    waiting = _waiting(opened, joinings, between, sampled, actor=None)
    listed = waiting.head(limit) if limit else waiting
    headers = [text(f"review.column_{name}") for name in ("left", "right", "probability", "joined", "records")]
    rows = [
        (left, right, f"{probability:.3f}", text("review.yes" if joined else "review.no"), records)
        for left, right, probability, _, joined, records, _ in listed.iter_rows()
    ]
    lines = [text("review.queue_of", run=joinings.run_id, waiting=waiting.height), *columns(headers, rows)]
    report(
        {"run": joinings.run_id, "waiting": waiting.height, "joinings": listed.to_dicts()},
        lines if rows else lines[:1],
        as_json=as_json,
    )


@app.command("show", cls=HelpCommand, help=text("review.command_show"))
def show(
    left: Left,
    right: Right,
    run_id: RunOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori import review
    from mimamori.review_screen import shown_lines

    opened, joinings, actor = _open(workspace, run_id, account, Action.REVIEW_LINKS)
    shown = review.show(opened, joinings, left, right, actor=actor)
    report(asdict(shown), shown_lines(shown), as_json=as_json)


@app.command("next", cls=HelpCommand, help=text("review.command_next"))
def next_(
    run_id: RunArgument = None,
    between: Between = None,
    limit: Limit = None,
    sampled: Sampled = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori.joinings import refreshed

    opened, joinings, actor = _open(workspace, run_id, account, Action.REVIEW_LINKS)
    made: list[Review] = []
    asked: set[tuple[int, int]] = set()
    while limit is None or len(asked) < limit:
        pairs = _waiting(opened, joinings, between, sampled, actor=actor).select("left", "right").rows()
        pair = next((pair for pair in pairs if pair not in asked), None)
        if pair is None:
            note(text("review.nothing_left"))
            break
        asked.add(pair)
        answer = _ask(opened, joinings, pair, sampled, actor)
        if answer == QUIT:
            break
        if answer != SKIP:
            made += _take(opened, joinings, pair, answer, actor)
        joinings = refreshed(opened, joinings)
    report([described(one) for one in made], [text("review.decided", decided=len(made))], as_json=as_json)


def _ask(opened: "Workspace", joinings: "Joinings", pair: tuple[int, int], sampled: bool, actor: str) -> str:
    """Show one pair and take an answer to it; that all are one child only where they were joined."""
    from mimamori import review
    from mimamori.review_screen import shown_lines

    shown = review.show(opened, joinings, *pair, actor=actor)
    for line in ["", *shown_lines(shown, with_evidence=not sampled)]:
        note(line)
    allowed = [*ANSWERS, SKIP, QUIT, *([ALL_SAME] if shown.joined else [])]
    prompt = text("review.prompt_joined" if shown.joined else "review.prompt")
    answer = ""
    while answer not in allowed:
        answer = typer.prompt(prompt, err=True).strip().lower()
    return answer


def _take(opened: "Workspace", joinings: "Joinings", pair: tuple[int, int], answer: str, actor: str) -> "list[Review]":
    """Ask for the reason and decide; one line where the verdict contradicts what stands, and the next pair is asked."""
    from mimamori import review

    reason = typer.prompt(text("review.prompt_reason"), err=True)
    try:
        if answer == ALL_SAME:
            return review.confirm_person(opened, joinings, *pair, reason=reason, actor=actor)
        return [review.decide(opened, joinings, *pair, verdict=ANSWERS[answer], reason=reason, actor=actor)]
    except WorkspaceError as error:
        note(str(error))
        return []


@app.command("decide", cls=HelpCommand, help=text("review.command_decide"))
def decide(
    left: Left,
    right: Right,
    verdict: Annotated[Verdict, typer.Option("--verdict", help=text("review.help_verdict"))],
    reason: Reason,
    run_id: RunOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori import review
    from mimamori.review_screen import decision_line

    opened, joinings, actor = _open(workspace, run_id, account, Action.REVIEW_LINKS)
    made = review.decide(opened, joinings, left, right, verdict=verdict, reason=reason, actor=actor)
    report(described(made), [decision_line(made)], as_json=as_json)


@app.command("list", cls=HelpCommand, help=text("review.command_list"))
def list_(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance.reviews import list_reviews

    found = list_reviews(opened_for(workspace, account, Action.REVIEW_LINKS))
    headers = [text(f"review.column_{name}") for name in ("id", "state", "verdict", "decided_by", "decided_at", "run")]
    rows = [
        (
            one.id,
            text(f"review.state_{one.state}"),
            text(f"review.verdict_{one.verdict.replace('-', '_')}"),
            one.decided_by,
            local_time(one.decided_at),
            one.run,
        )
        for one in found
    ]
    lines = columns(headers, rows) if rows else [text("output.none")]
    report([described(one) for one in found], lines, as_json=as_json)


@app.command("undo", cls=HelpCommand, help=text("review.command_undo"))
def undo(
    review_id: Annotated[str, typer.Argument(metavar="ID", help=text("review.help_id"))],
    reason: Reason,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import reviews
    from governance.workspace import Workspace
    from mimamori.review_screen import decision_line

    opened = Workspace.open(workspace)
    undone = reviews.undo(opened, review_id, reason=reason, actor=acting(opened, account, Action.REVIEW_LINKS))
    report(described(undone), [decision_line(undone)], as_json=as_json)


@app.command("sample", cls=HelpCommand, help=text("review.command_sample"))
def sample(
    run_id: RunArgument = None,
    persons: Annotated[int, typer.Option("--persons", metavar="N", help=text("review.help_persons"))] = 200,
    offers: Annotated[int, typer.Option("--offers", metavar="N", help=text("review.help_offers"))] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help=text("review.help_seed"))] = 1,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori.review_sample import draw_sample, sample_queue

    opened, joinings, actor = _open(workspace, run_id, account, Action.REVIEW_LINKS)
    drawn = draw_sample(opened, joinings, persons=persons, offers=offers, seed=seed, actor=actor)
    result: dict[str, Any] = {
        "run": joinings.run_id,
        "persons": drawn.persons.height,
        "joinings": drawn.joinings.height,
        "waiting": sample_queue(drawn).height,
    }
    report(result, [text("review.sampled", **result)], as_json=as_json)


@app.command("estimate", cls=HelpCommand, help=text("review.command_estimate"))
def estimate(
    run_id: RunArgument = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori import review_sample
    from mimamori.review_screen import estimate_line

    opened, joinings, _ = _open(workspace, run_id, account, Action.VIEW_QUALITY)
    found = review_sample.estimate(opened, joinings)
    figures = {"precision": found.precision, "recall": found.recall}
    lines = [estimate_line(name, figure) for name, figure in figures.items() if figure is not None]
    result: dict[str, Any] = {"run": found.run_id, "persons": found.persons, "joinings": found.joinings}
    described = {name: figure.model_dump() if figure else None for name, figure in figures.items()}
    report(result | described, [*lines, text("review.estimated", **result)], as_json=as_json)


@app.command("events", cls=HelpCommand, help=text("review.command_events"))
def events(
    run_id: RunArgument = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori.joinings import resolve_run
    from mimamori.review_events import read_events

    opened = opened_for(workspace, account, Action.REVIEW_LINKS)
    found = read_events(opened, resolve_run(opened, run_id))
    headers = [text(f"review.column_{name}") for name in ("event", "kind", "person_id", "other_id", "records")]
    rows = [
        (one["event"], text(f"review.kind_{one['kind']}"), one["person_id"], one["other_id"], one["records"])
        for one in found.to_dicts()
    ]
    report(found.to_dicts(), columns(headers, rows) if rows else [text("output.none")], as_json=as_json)


@app.command("revert", cls=HelpCommand, help=text("review.command_revert"))
def revert(
    event: Annotated[int, typer.Argument(metavar="EVENT", help=text("review.help_event"))],
    reason: Reason,
    run_id: RunOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori import review_events
    from mimamori.review_screen import decision_line

    opened, joinings, actor = _open(workspace, run_id, account, Action.REVIEW_LINKS)
    made = review_events.revert(opened, joinings, event, reason=reason, actor=actor)
    report([described(one) for one in made], [decision_line(one) for one in made], as_json=as_json)


def _open(
    workspace: Path, run_id: str | None, account: str | None, action: Action
) -> "tuple[Workspace, Joinings, str]":
    """The workspace, the joinings of the run and the actor, to whom the policy grants the action."""
    from governance.workspace import Workspace
    from mimamori.joinings import read_joinings, resolve_run

    opened = Workspace.open(workspace)
    actor = acting(opened, account, action)
    return opened, read_joinings(opened, resolve_run(opened, run_id)), actor


def _waiting(
    opened: "Workspace", joinings: "Joinings", between: tuple[float, float] | None, sampled: bool, actor: str | None
) -> "pl.DataFrame":
    """What is to be decided: the sample's joinings, or the doubtful ones."""
    from mimamori import review
    from mimamori.review_sample import read_sample, sample_queue

    if sampled and between is not None:
        raise UsageError("review.sample_or_between")
    if sampled:
        return sample_queue(read_sample(opened, joinings), actor=actor)
    low, high = between or opened.settings.review_between
    if not 0 <= low < high <= 1:
        raise UsageError("review.between_misread", low=low, high=high)
    return review.queue(joinings, between=(low, high), actor=actor)
