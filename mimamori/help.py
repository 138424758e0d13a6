"""Help of the command and its parts, in the reader's language, and what is said of a command line that cannot be read.

Rendered here and not by typer, whose own words are English and whose tables cut Japanese lines short.
"""

from collections.abc import Iterable
from io import StringIO
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from vocabulary.texts import text

Row = tuple[str, str]

MISREAD = {
    "MissingParameter": "cli.parameter_missing",
    "NoSuchOption": "cli.no_such_option",
    "BadParameter": "cli.parameter_misread",
}
"""Text for each kind of command line that typer cannot read; `cli.misread` for the others."""


class HelpCommand(TyperCommand):
    """A command with our help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of this command."""
        formatter.write(help_page(self, ctx, formatter.width))


class HelpGroup(TyperGroup):
    """A group of commands with our help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of this group."""
        formatter.write(help_page(self, ctx, formatter.width))


def help_page(command: TyperCommand | TyperGroup, ctx: typer.Context, width: int) -> str:
    """What a command does, its arguments, options and commands, within `width` columns."""
    output = StringIO()
    console = Console(file=output, width=width, color_system=None, highlight=False, emoji=False, markup=False)
    console.print(f"{text('cli.usage')} {ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}")
    console.print()
    console.print(Text(command.help or "", overflow="fold"))
    parameters = [parameter for parameter in command.get_params(ctx) if not getattr(parameter, "hidden", False)]
    arguments = [_parameter(one) for one in parameters if one.param_type_name == "argument"]
    options = [_parameter(one) for one in parameters if one.param_type_name == "option"]
    commands = []
    if isinstance(command, TyperGroup):
        commands = [(name, command.commands[name].help or "") for name in command.list_commands(ctx)]
    for title, rows in (
        ("cli.panel_arguments", arguments),
        ("cli.panel_options", options),
        ("cli.panel_commands", commands),
    ):
        _print_rows(console, text(title), rows)
    if command.epilog:
        console.print()
        console.print(Text(command.epilog, overflow="fold"))
    return output.getvalue()


def _parameter(parameter: Any) -> Row:
    """How a parameter is written, and what it means."""
    if parameter.param_type_name == "argument":
        return parameter.metavar or parameter.name.upper(), parameter.help
    written = ", ".join(sorted(parameter.opts, key=len))
    if parameter.name == "help":
        return written, text("cli.help")
    if not parameter.is_flag:
        choices = parameter.type_descriptor.choices or ()
        written += " " + (parameter.metavar or "|".join(str(getattr(one, "value", one)) for one in choices))
    said = parameter.help
    if parameter.required:
        said += " " + text("cli.required")
    elif parameter.default is not None and not parameter.is_flag:
        said += " " + text("cli.default", value=parameter.default)
    return written, said


def _print_rows(console: Console, title: str, rows: Iterable[Row]) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for written, said in rows:
        table.add_row(Text("  " + written), Text(said, overflow="fold"))
    if table.row_count:
        console.print(f"\n{title}")
        console.print(table)


def misread(error: typer.TyperException) -> str:
    """One line on a command line that typer could not read, with where to find its help."""
    ctx = getattr(error, "ctx", None)
    command = ctx.command_path if ctx is not None else "mimamori"
    key = MISREAD.get(type(error).__name__, "cli.misread")
    parameter = getattr(error, "param", None)
    name = getattr(error, "option_name", None) or (_parameter(parameter)[0] if parameter is not None else "-")
    problem = " ".join(error.message.removeprefix("Value error, ").split())
    return text(key, command=command, name=name, problem=problem)
