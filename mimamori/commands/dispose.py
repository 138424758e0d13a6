"""`mimamori dispose`: destroys what is past its retention, and proves it."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.actions import Action
from mimamori.accounts import acting
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, day, note, report
from vocabulary.errors import UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.disposals import Disposal
    from governance.items import Item
    from governance.workspace import Workspace


def dispose(
    before: Annotated[str | None, typer.Option("--before", metavar="DATE", help=text("cli.dispose_before"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("retention.dry_run_help"))] = False,
    delivered: Annotated[
        list[Path] | None, typer.Option("--delivered", metavar="DIR", help=text("retention.delivered_help"))
    ] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import case_disposal, disposal, erasure, items
    from governance.workspace import Workspace

    limit = day(before) or disposal.today()
    if limit > disposal.today():
        raise UsageError("retention.day_ahead", day=limit, today=disposal.today())
    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.DISPOSE)
    found = items.items(opened)
    due, archives = items.due(found, limit), items.kept_as_archives(found, limit)
    done: list[Disposal] = []
    if not dry_run:
        done = disposal.dispose(opened, before=limit, actor=actor, delivered=delivered or ())
        gone = {(one.subject, name) for one in done for name in one.classes}
        deleted = {digest for one in done if one.folder for digest in one.files.values()}
        erased, rows, compacted = _erase(opened, limit, actor)
        left = [one for one in due if (one.subject, one.kind) not in gone and one.sha256 not in deleted]
    else:
        left, erased, rows, compacted = due, 0, 0, None
    due_cases, due_rows = len(case_disposal.due(opened, limit)), len(erasure.due(opened, limit))
    lines = [*map(_done, done), *_last(due, done), *map(_due, left), *map(_archive, archives)]
    counted = (("rows_erased", rows), ("rows_due", due_rows))
    lines += [text(f"retention.{key}", count=count) for key, count in counted if count]
    lines += [text(f"case.{key}", count=count) for key, count in (("erased", erased), ("erasable", due_cases)) if count]
    result = {
        "before": limit,
        "disposed": [vars(one) for one in done],
        "due": [_described(one) for one in left],
        "archives": [_described(one) for one in archives],
        "cases": {"erased": erased, "due": due_cases},
        "rows": {"erased": rows, "due": due_rows},
        "compacted": compacted,
    }
    report(result, lines or [text("retention.nothing_due", day=limit)], as_json=as_json)


def _erase(workspace: "Workspace", before: date, actor: str) -> tuple[int, int, bool]:
    """Erase cases and rows, and give how many, and whether the database was compacted of what was erased.

    It is compacted also where an edited row ends the erasing: of what went before, and of an earlier disposal. Where
    that cannot be done it is said on standard error.
    """
    from governance import access, case_disposal, erasure, store

    try:
        cases = case_disposal.erase(workspace, before=before, actor=access.actor(workspace, actor))
        rows = len(erasure.erase_due(workspace, before=before, actor=actor))
    finally:
        compacted = store.compact(workspace.engine)
        if not compacted:
            note(text("retention.not_compacted"))
    return cases, rows, compacted


def _archive(item: "Item") -> str:
    return text(
        "retention.kept_as_archive",
        subject=item.subject,
        kind=text(f"retention.kind_{item.kind}"),
        days=", ".join(map(str, item.archive_of)),
        until=item.term.until,
        rule=text(f"retention.rule_{item.term.rule}"),
    )


def _described(item: "Item") -> dict[str, object]:
    return vars(item) | vars(item.term)


def _due(item: "Item") -> str:
    values: dict[str, Any] = {
        "subject": item.subject,
        "kind": text(f"retention.kind_{item.kind}"),
        "until": item.term.until,
        "rule": text(f"retention.rule_{item.term.rule}"),
    }
    if item.held_by is not None:
        return text("retention.due_held", target=item.held_by, **values)
    if item.file is not None:
        return text("retention.due_delivered", file=item.file, sha256=item.sha256, **values)
    return text("retention.due_line", **values)


def _done(one: "Disposal") -> str:
    from governance.retention import DELIVERED

    if one.folder is not None and one.subject != DELIVERED:
        return text("retention.destroyed_set_aside", folder=one.folder, files=len(one.files))
    if one.folder is not None:
        return text("retention.destroyed_delivered", folder=one.folder, files=len(one.files))
    return text("retention.destroyed", subject=one.subject, classes=_named(one.classes), files=len(one.files))


def _last(due: "list[Item]", done: "list[Disposal]") -> list[str]:
    """What the next run will lack."""
    last = {one.subject for one in due if one.last_run}
    return [
        text("retention.last_run", run=one.subject, classes=_named(one.classes)) for one in done if one.subject in last
    ]


def _named(classes: tuple[str, ...]) -> str:
    return ", ".join(text(f"retention.kind_{name}") for name in classes)
