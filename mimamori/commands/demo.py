"""`mimamori demo`: the main job end to end on a synthetic city."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mimamori.commands.evaluate import headline, make_evaluation
from mimamori.commands.run import make_run
from mimamori.commands.serve import Host, Port, start
from mimamori.commands.synth import make_city
from mimamori.console import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, note, report
from mimamori.summary import summary_lines
from vocabulary.errors import WorkspaceError
from vocabulary.fiscal import fiscal_year
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.workspace import Workspace

APPROVAL_PREFIX = "demo-"

# An approval carries each text once, so a demo's are in both languages, Japanese first.
APPROVAL = """\
id = "{id}"
title = "架空の都市による試行 / Trial on a synthetic city"
authority = "個人情報保護審議会(架空) / Privacy council (fictitious)"
legal_basis = "個人情報の保護に関する法律第69条第2項第2号"
decided_on = {year}-04-01
valid_from = {year}-04-01
valid_until = {next_year}-03-31
purpose = "困難を抱える子どもへの早期の支援 / early support for children in hardship"
retention_days = 1825
extract_retention_days = 90
recipients = ["support_team"]
[sources]
welfare = ["*"]
school = ["*"]
health = ["*"]
"""


def demo(
    children: Annotated[int, typer.Option("--children", metavar="N", help=text("cli.children"))] = 2000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help=text("cli.seed"))] = 1,
    no_serve: Annotated[bool, typer.Option("--no-serve", help=text("cli.demo_no_serve"))] = False,
    with_accounts: Annotated[bool, typer.Option("--accounts", help=text("sign_in.option_accounts"))] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.deliveries import deliveries_folder
    from governance.workspace import current_user

    opened = _fresh(workspace)
    city = opened.path / "demo"
    made = make_city(city, children=children, seed=seed)
    note(text("output.city_made", **made))
    shutil.copytree(city / "delivery", deliveries_folder(opened) / "demo", dirs_exist_ok=True)  # for runs from pages
    approval_id = _approve(opened)
    completed = make_run(workspace, approval_id=approval_id, delivery=city / "delivery")
    run_id = completed.manifest.run
    evaluation, files = make_evaluation(opened, run_id, city / "truth", opened.path / "reports", actor=current_user())
    lines = [*summary_lines(completed), *headline(evaluation), text("output.evaluated", **files)]
    invited = _invite(opened, run_id) if with_accounts else []
    lines += [_invited_line(one) for one in invited]
    result = {"run": run_id, "city": made, "evaluation": files, "accounts": invited}
    report(result, [*lines, run_id], as_json=as_json)
    if not no_serve:
        start(workspace, host=host, port=port)


def _invite(workspace: "Workspace", run_id: str) -> list[dict[str, str | None]]:
    """Accounts of every role, each with the page and the one-time token to set it up by; without where it waits."""
    from mimamori import demo_accounts

    return [
        {
            "name": one.account.name,
            "role": str(one.account.role),
            "page": f"/set-up/{one.account.name}",
            "token": one.token,
        }
        for one in demo_accounts.make(workspace, run_id)
    ]


def _invited_line(invited: dict[str, Any]) -> str:
    key = "sign_in.demo_account" if invited["token"] else "sign_in.demo_account_waits"
    return text(key, **invited)


def _fresh(path: Path) -> "Workspace":
    """A workspace in which nothing was registered or run but this demo; a city's own settings in it are left alone.

    An earlier demo's approvals, runs and city are removed. A workspace that holds anything else is refused, so that no
    real child meets a synthetic one.
    """
    from governance import accounts, register
    from governance.workspace import MAY_STAND_BEFORE, Workspace
    from mimamori.demo_accounts import ROLES

    if not (path / "keys").is_dir():
        return Workspace.create(path)
    opened = Workspace.open(path)
    approvals = [one.approval.id for one in register.list_approvals(opened)]
    strange = {one.name for one in accounts.list_accounts(opened)} - ({*ROLES} if approvals else set())
    if strange or not all(one.startswith(APPROVAL_PREFIX) for one in approvals):
        raise WorkspaceError("cli.demo_elsewhere", path=path)
    if not approvals:
        return opened
    opened.engine.dispose()
    for item in path.iterdir():
        if item.is_dir() and item.name not in MAY_STAND_BEFORE:
            shutil.rmtree(item)
        elif item.name not in MAY_STAND_BEFORE:
            item.unlink()
    return Workspace.create(path)


def _approve(workspace: "Workspace") -> str:
    """Register an approval for the demo of this fiscal year; its id."""
    from governance import register
    from governance.workspace import current_user
    from vocabulary.source import load_sources

    year = fiscal_year(datetime.now(UTC).astimezone().date())
    approval_id = f"{APPROVAL_PREFIX}{year}"
    toml = APPROVAL.format(id=approval_id, year=year, next_year=year + 1)
    sources = load_sources(workspace.sources_folder)
    register.add(workspace, toml, file="demo.toml", sources=sources, actor=current_user())
    return approval_id
