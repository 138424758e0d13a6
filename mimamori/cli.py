"""The command `mimamori`: every line of the contract's table, each in a file of its own under `mimamori/commands`."""

import sys

import typer
from typer import rich_utils

from mimamori.commands import approvals, demo, dispose, evaluate, export, init, run, runs, serve, synth, users
from mimamori.console import fail, write_through
from vocabulary.texts import text

rich_utils.COMMANDS_PANEL_TITLE = text("cli.panel_commands")
rich_utils.OPTIONS_PANEL_TITLE = text("cli.panel_options")
rich_utils.ARGUMENTS_PANEL_TITLE = text("cli.panel_arguments")
rich_utils.ERRORS_PANEL_TITLE = text("cli.panel_error")

app = typer.Typer(
    help=text("cli.app"),
    epilog=text("cli.epilog"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("demo", help=text("cli.demo"))(demo.demo)
app.command("synth", help=text("cli.synth"))(synth.synth)
app.command("init", help=text("cli.init"))(init.init)
app.add_typer(approvals.app, name="approvals", help=text("cli.approvals"))
app.command("run", help=text("cli.run"))(run.run)
app.add_typer(runs.app, name="runs", help=text("cli.runs"))
app.command("export", help=text("cli.export"))(export.export)
app.command("evaluate", help=text("cli.evaluate"))(evaluate.evaluate)
app.command("serve", help=text("cli.serve"))(serve.serve)
app.add_typer(users.app, name="users", help=text("cli.users"))
app.command("dispose", help=text("cli.dispose"))(dispose.dispose)


def main() -> None:
    """Run the command and exit with its code."""
    write_through()
    try:
        app()
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(fail(error))
