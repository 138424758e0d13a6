"""The command `mimamori`: every line of the contract's table, each in a file of its own under `mimamori/commands`."""

import resource
import sys

import typer

from mimamori.commands import (
    access,
    approvals,
    archive,
    backup,
    demo,
    dispose,
    effect,
    evaluate,
    explain,
    export,
    hold,
    init,
    keys,
    log,
    model,
    outcomes,
    papers,
    release,
    review,
    run,
    runs,
    score,
    serve,
    subject,
    synth,
    users,
)
from mimamori.console import INTERRUPTED, fail, write_through
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.texts import text

app = typer.Typer(
    cls=HelpGroup,
    help=text("cli.app"),
    epilog=text("cli.epilog"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("demo", cls=HelpCommand, help=text("cli.demo"))(demo.demo)
app.command("synth", cls=HelpCommand, help=text("cli.synth"))(synth.synth)
app.command("init", cls=HelpCommand, help=text("cli.init"))(init.init)
app.add_typer(approvals.app, name="approvals", help=text("cli.approvals"))
app.command("run", cls=HelpCommand, help=text("cli.run"))(run.run)
app.add_typer(runs.app, name="runs", help=text("cli.runs"))
app.add_typer(keys.app, name="keys", help=text("custody.command"))
app.add_typer(log.app, name="log", help=text("log.command"))
app.add_typer(review.app, name="review", help=text("review.command"))
app.command("explain", cls=HelpCommand, help=text("explain.command"))(explain.explain)
app.add_typer(model.app, name="model", help=text("model.command"))
app.add_typer(outcomes.app, name="outcomes", help=text("outcome.command"))
app.add_typer(score.app, name="score", help=text("score.command"))
app.add_typer(release.app, name="release", help=text("release.command"))
app.command("export", cls=HelpCommand, help=text("cli.export"))(export.export)
app.command("evaluate", cls=HelpCommand, help=text("cli.evaluate"))(evaluate.evaluate)
app.command("effect", cls=HelpCommand, help=text("effect.command"))(effect.effect)
app.add_typer(papers.app, name="papers", help=text("paper.command"))
app.add_typer(subject.app, name="subject", help=text("subject.command"))
app.command("serve", cls=HelpCommand, help=text("cli.serve"))(serve.serve)
app.add_typer(users.app, name="users", help=text("cli.users"))
app.add_typer(access.app, name="access", help=text("access.command"))
app.add_typer(hold.app, name="hold", help=text("retention.command_hold"))
app.command("dispose", cls=HelpCommand, help=text("cli.dispose"))(dispose.dispose)
app.command("archive", cls=HelpCommand, help=text("retention.command_archive"))(archive.archive)
app.command("backup", cls=HelpCommand, help=text("backup.command_backup"))(backup.backup)
app.command("restore", cls=HelpCommand, help=text("backup.command_restore"))(backup.restore)


def main() -> None:
    """Run the command and exit with its code."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold names and keys
    write_through()
    try:
        code = app(standalone_mode=False)
    except SystemExit:
        raise
    except BaseException as error:  # polars' panics are not of Exception
        sys.exit(fail(error))
    if code == INTERRUPTED:  # typer has turned the interrupt into this code
        code = fail(KeyboardInterrupt())
    sys.exit(code or 0)
