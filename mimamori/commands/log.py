"""`mimamori log`: what others need to check the run log without trusting whoever keeps it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from governance.actions import Action
from mimamori.accounts import acting, opened_for
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, refuse_unless_empty, report
from mimamori.help import HelpCommand, HelpGroup
from mimamori.notes import read_log_keys, read_note, write_new
from vocabulary.errors import UsageError
from vocabulary.texts import text

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

OutOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help=text("log.out"))]


@app.command("checkpoint", cls=HelpCommand, help=text("log.checkpoint_help"))
def checkpoint(
    since: Annotated[Path | None, typer.Option("--since", metavar="FILE", help=text("log.since"))] = None,
    out: OutOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.public_log import read_public_log, witness_request

    log = read_public_log(opened_for(workspace, account, Action.VERIFY_LOG))
    written = log.note if since is None else witness_request(log, read_note(since))
    result = {"origin": log.key.name, "size": log.checkpoint.size, "root": log.checkpoint.root.hex(), "note": written}
    _give(result, written, out, as_json=as_json)


@app.command("proof", cls=HelpCommand, help=text("log.proof_help"))
def proof(
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help=text("log.entry"))],
    at: Annotated[Path | None, typer.Option("--checkpoint", metavar="FILE", help=text("log.at_checkpoint"))] = None,
    disclose: Annotated[bool, typer.Option("--disclose", help=text("log.disclose"))] = False,
    out: OutOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import public_log
    from governance.workspace import Workspace

    note = None if at is None else read_note(at)
    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.DISCLOSE_LOG if disclose else Action.VERIFY_LOG)
    if disclose:
        result = public_log.disclose(opened, entry, note=note, actor=actor)
    else:
        result = public_log.entry_proof(public_log.read_public_log(opened), entry, note=note, disclose=False)
    _give(result, json.dumps(result, ensure_ascii=False, indent=1) + "\n", out, as_json=as_json)


@app.command("export", cls=HelpCommand, help=text("log.export_help"))
def export(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=text("log.out_folder"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.public_log import export_log, read_public_log

    refuse_unless_empty(out)
    log = read_public_log(opened_for(workspace, account, Action.VERIFY_LOG))
    files = export_log(log, out)
    result = {"folder": str(out), "files": [file.name for file in files], "entries": len(log.entries)}
    report(result, [text("log.exported", entries=len(log.entries), folder=out)], as_json=as_json)


@app.command("countersign", cls=HelpCommand, help=text("log.countersign_help"))
def countersign(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("log.request"))],
    log_key: Annotated[Path, typer.Option("--log-key", metavar="FILE", help=text("log.log_key"))],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help=text("log.witness_key"))],
    out: OutOption = None,
    seen: Annotated[Path | None, typer.Option("--seen", metavar="FILE", help=text("log.seen"))] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    import time

    from governance import witness

    del workspace  # a witness has none
    done = witness.countersign(
        read_note(file),
        log_key=read_log_keys(log_key),
        seen=None if seen is None else read_note(seen),
        witness_key=read_note(key),
        at=int(time.time()),
    )
    result = {"witness": done.witness.name, "size": done.checkpoint.size, "note": done.note}
    _give(result, done.note, out, as_json=as_json)


@app.command("witness-key", cls=HelpCommand, help=text("log.witness_key_help"))
def witness_key(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help=text("log.witness_name"))],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=text("log.witness_out"))],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.note import make_witness_key

    del workspace
    if not name or "+" in name or any(character.isspace() for character in name):
        raise UsageError("log.bad_name", name=name)
    public = out.with_name(f"{out.name}.vkey")
    if out.exists() or public.exists():
        raise UsageError("log.exists", file=out if out.exists() else public)
    made = make_witness_key(out, name)
    write_new(public, f"{made}\n")
    result = {"file": str(out), "public": str(public)}
    report(result | {"verifier_key": str(made)}, [text("log.key_made", file=out, public=public)], as_json=as_json)


def _give(result: dict[str, object], written: str, out: Path | None, *, as_json: bool) -> None:
    """Write what was made to a file, or print it."""
    if out is not None:
        write_new(out, written)
        report({"file": str(out)} | result, [text("log.written", file=out)], as_json=as_json)
    else:
        report(result, written.removesuffix("\n").split("\n"), as_json=as_json)
