"""What the commands share of the terminal: options, results as lines or JSON, progress, errors as one line."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mimamori.help import misread
from vocabulary.errors import MimamoriError, UsageError
from vocabulary.texts import text

WorkspaceOption = Annotated[Path, typer.Option("--workspace", metavar="DIR", help=text("cli.workspace"))]
JsonOption = Annotated[bool, typer.Option("--json", help=text("cli.json"))]
AccountOption = Annotated[str | None, typer.Option("--as", metavar="NAME", help=text("cli.as_account"))]

DEFAULT_WORKSPACE = Path("workspace")
OURS = ("mimamori", "vocabulary", "synthetic", "linkage", "indicators", "evaluation", "governance", "api")
"""Our packages, which stand beside each other in a checkout as in an installation."""

INTERRUPTED = 130
"""Exit code after Ctrl+C, as shells have it."""

Progressing = Callable[..., None]
"""Told the text key of each stage as it begins, and the values that fill it."""


def report(result: object, lines: Sequence[str], *, as_json: bool) -> None:
    """Print a result: its lines, or the whole of it as JSON."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, default=str, indent=1))
    else:
        for line in lines:
            typer.echo(line)


def label(group: str, name: str, **values: Any) -> str:
    """What a column, a value or a state is called: the text `<group>_<name>` of the area `output`."""
    return text(f"output.{group}_{name}", **values)


def columns(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a table whose columns stand under each other, Japanese characters counted as two wide."""
    cells = [list(headers), *([str(value) for value in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(set_cell_size, row, widths)).rstrip() for row in cells]


def labelled(values: Mapping[str, object]) -> list[str]:
    """Lines of a label and its value, the values under each other."""
    return columns(["", ""], [*values.items()])[1:]


def local_time(at: str) -> str:
    """A time of the log (UTC, ISO 8601) as it is told here, to the minute."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"


def note(line: str) -> None:
    """Print a line beside the result, on standard error."""
    typer.echo(line, err=True)


@contextmanager
def progress() -> Iterator[Progressing]:
    """Show the stage under way and the time it takes; a plain line a stage where there is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda key, **values: note(text(key, **values))
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=False) as bar:
        tasks: list[Any] = []

        def begin(key: str, **values: Any) -> None:
            for task in tasks:
                bar.stop_task(task)
                bar.update(task, total=1, completed=1)
            tasks.append(bar.add_task(text(key, **values), total=None))

        yield begin
        for task in tasks:
            bar.update(task, total=1, completed=1)


def day(value: str | None) -> date | None:
    """An ISO date given on the command line."""
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise UsageError("cli.bad_date", value=value) from None


def refuse_unless_empty(folder: Path) -> None:
    """Refuse a folder to write to that holds anything."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("cli.folder_not_empty", folder=folder)


def fail(error: BaseException) -> int:
    """Print what stopped the command as one line, without a stack trace; the exit code."""
    if isinstance(error, MimamoriError):
        note(str(error))
        return error.exit_code
    if isinstance(error, typer.TyperException):
        # Where no command was named the message is the help itself.
        note(error.message if type(error).__name__ == "NoArgsIsHelpError" else misread(error))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        note(text("cli.interrupted"))
        return INTERRUPTED
    if os.environ.get("MIMAMORI_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.errno:
        problem = os.strerror(error.errno)
        note(text("cli.system", problem=f"{error.filename}: {problem}" if error.filename else problem))
    else:
        note(text("cli.internal", kind=type(error).__name__, where=innermost(error)))
    return 1


def innermost(error: BaseException) -> str:
    """File and line of our own code nearest to where the error arose; never its message, which may quote data."""
    root = Path(__file__).resolve().parents[1]
    where = "-"
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(root) and file.relative_to(root).parts[0] in OURS:
            where = f"{file.relative_to(root)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return where


def write_through() -> None:
    """Let printed lines reach a pipe as they are printed."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True, encoding="utf-8")
