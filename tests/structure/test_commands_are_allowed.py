"""Every command asks the policy, by an action it names, or stands here with the reason why it asks nothing."""

import ast
import inspect

import pytest
import typer

from governance.actions import Action
from governance.policy import policy
from mimamori.cli import app
from tests.structure.test_imports import FOLDERS, ROOT, modules

ASKS_NOTHING = {
    "init": "makes a workspace, in which nobody has an account yet",
    "synth": "invents a city in a folder; there is no workspace",
    "serve": "starts the pages, each of which asks for who is signed in",
    "log countersign": "is the witness's, who has no workspace",
    "log witness-key": "is the witness's, who has no workspace",
    "restore": "makes a workspace from a backup; its accounts are in the backup",
    "users activate": "is asked by whoever holds the one-time token, who has no password yet",
}

WITHOUT_ACCOUNT = {"demo": "makes its own workspace with invented children, and refuses one that has accounts"}
"""Asks the policy, but only ever as the user of the operating system."""

ASKED_BY_NOBODY = {Action.VIEW_SIBLINGS: "no page shows siblings by themselves; one that does asks this"}
"""Actions that stand in the policy though nothing asks for them."""

ASKING = {"acting", "acting_as", "opened_for"}
"""Functions of `mimamori.accounts` that ask the policy."""


def commands(group=app, before=""):
    """Every command by its words."""
    for one in group.registered_commands:
        yield f"{before}{one.name or one.callback.__name__}", one.callback
    for one in group.registered_groups:
        yield from commands(one.typer_instance, f"{before}{one.name} ")


COMMANDS = dict(commands())


def asked(function, seen=()):
    """Actions that a command, or a function of its own module that it calls, asks the policy for."""
    found = set()
    for name, node, called in calls(function):
        if name in ASKING or (called and asks_what_it_is_given(called)):
            found |= named_in(node)
        if called and name not in seen:
            found |= asked(called, (*seen, name))
    return found


def calls(function):
    """Calls in a function: the name, the call, and the function where it is one of the commands' own."""
    module = inspect.getmodule(function)
    for node in ast.walk(ast.parse(inspect.getsource(function))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = getattr(module, node.func.id, None)
            ours = inspect.isfunction(called) and called.__module__.startswith("mimamori.commands")
            yield node.func.id, node, called if ours else None


def asks_what_it_is_given(function):
    """Whether a function asks the policy for an action that its caller names."""
    return any(
        name in ASKING and any(isinstance(given, ast.Name) and given.id == "action" for given in node.args)
        for name, node, _ in calls(function)
    )


def named_in(node):
    given = [part for value in node.args for part in ast.walk(value)]
    return {one.attr for one in given if isinstance(one, ast.Attribute) and one.attr in Action.__members__}


def test_the_commands_are_found():
    assert len(COMMANDS) > 60
    assert isinstance(app, typer.Typer)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_command_names_its_action_or_stands_in_the_list(command):
    named = asked(COMMANDS[command])
    if command in ASKS_NOTHING:
        assert named == set(), "it asks, so it need not stand in the list"
    else:
        assert named, f"{command} asks for no action"
        has_account = "account" in inspect.signature(COMMANDS[command]).parameters
        assert has_account is not (command in WITHOUT_ACCOUNT)


def test_the_list_names_commands_that_exist():
    assert set(ASKS_NOTHING) | set(WITHOUT_ACCOUNT) <= set(COMMANDS)


def test_every_action_is_asked_for_somewhere():
    written = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in modules(folder)
        if path.relative_to(ROOT).as_posix() != "governance/actions.py"
    )
    assert set(policy().actions) == set(Action)
    assert {action for action in Action if f"Action.{action.name}" not in written} == set(ASKED_BY_NOBODY)
