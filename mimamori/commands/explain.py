"""`mimamori explain`: why two records, or the records of a child, were linked or kept apart."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.actions import Action
from mimamori.accounts import acting
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, report
from vocabulary.errors import UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.reviews import RecordKey
    from mimamori.explain import PairShown, PersonShown


def explain(
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN]", help=text("review.help_run"))] = None,
    records: Annotated[
        tuple[str, str] | None, typer.Option("--records", metavar="RECORD RECORD", help=text("explain.help_records"))
    ] = None,
    profiles: Annotated[
        tuple[int, int] | None, typer.Option("--profiles", metavar="LEFT RIGHT", help=text("explain.help_profiles"))
    ] = None,
    person: Annotated[str | None, typer.Option("--person", metavar="ID", help=text("explain.help_person"))] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=text("explain.help_out"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    if sum(given is not None for given in (records, profiles, person)) != 1:
        raise UsageError("explain.choose")
    named = None if records is None else (_record(records[0], 1), _record(records[1], 2))

    from governance.workspace import Workspace
    from mimamori.explain import explain_pair, explain_person, profiles_of
    from mimamori.explain_page import explained_page
    from mimamori.explain_screen import explained_lines
    from mimamori.joinings import read_joinings, resolve_run

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.EXPLAIN_LINKS)
    joinings = read_joinings(opened, resolve_run(opened, run_id))
    pair = profiles if named is None else profiles_of(joinings, named)
    shown: PairShown | PersonShown
    if pair is not None:
        shown = explain_pair(opened, joinings, *pair, actor=actor)
    else:
        shown = explain_person(opened, joinings, str(person), actor=actor)
    result, lines = asdict(shown), explained_lines(shown)
    if out is not None:
        _write_private(out, explained_page(shown))
        result["file"] = str(out)
        lines += ["", text("explain.written", file=out)]
    report(result, lines, as_json=as_json)


def _write_private(file: Path, content: str) -> None:
    """Write a file that its owner alone may read, whoever could read what stood there before."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(content, encoding="utf-8")


def _record(given: str, place: int) -> "RecordKey":
    """A record as it is named on the command line; a local number may hold a colon itself."""
    source, _, rest = given.partition(":")
    local_id, _, as_of = rest.rpartition(":")
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        raise UsageError("explain.record_misread", place=place) from None
    if not source or not local_id:
        raise UsageError("explain.record_misread", place=place)
    return source, local_id, day
