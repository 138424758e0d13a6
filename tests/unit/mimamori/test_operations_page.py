"""Every command of the contract's table is there, and every option is explained: in its help and in the page."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from mimamori.cli import app
from vocabulary.texts import catalogue

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
TABLE = {
    "mimamori": ("demo", "synth", "init", "run", "export", "evaluate", "serve", "dispose"),
    "mimamori approvals": ("add", "list", "show", "revoke"),
    "mimamori runs": ("list", "show", "verify", "replay"),
    "mimamori users": ("add",),
}
EVERYWHERE = {"--workspace", "--json", "--help", "-h", "--as"}
SAID = {said for languages in catalogue().values() for said in languages.values()}


def commands(group, path=("mimamori",)):
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*path, name))
        else:
            yield " ".join([*path, name]), command


COMMANDS = dict(commands(get_command(app)))


def section(command):
    """What the page says under the heading of a command."""
    found = re.search(rf"^### `{command}(?: [^`]*)?`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/operations.md has no heading for {command}"
    return found[0]


def test_every_command_of_the_contract_is_there():
    assert {f"{group} {name}" for group, names in TABLE.items() for name in names} <= COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_its_help_and_its_place_in_the_page(command):
    said = section(command)
    assert COMMANDS[command].help in SAID
    for parameter in COMMANDS[command].params:
        assert parameter.help in SAID, f"{command} {parameter.name}"
        for option in set(parameter.opts) - EVERYWHERE:
            written = parameter.metavar if parameter.param_type_name == "argument" else option
            assert written in said, f"{command} {option}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_a_workspace_and_gives_json(command):
    options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
    assert {"--workspace", "--json"} <= options


def test_the_page_names_no_command_that_is_not_there():
    assert set(re.findall(r"^### `(mimamori(?: [a-z-]+)+)", PAGE, re.MULTILINE)) == COMMANDS.keys()
