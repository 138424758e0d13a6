"""Passphrases: from a file descriptor or a variable of the environment, for units, else asked at the terminal.

A descriptor is better than a variable, which other processes of the same user can read. None is ever an argument.
"""

import getpass
import os
import sys
from pathlib import Path

from vocabulary.errors import WorkspaceError
from vocabulary.texts import text

SHORTEST = 12

OWN_VARIABLES = "MIMAMORI_"
"""Beginning of the variables of the environment that are not handed to programs: some are passphrases."""

_read: dict[str, str] = {}  # from descriptors, each of which can be read once


def forget() -> None:
    """Drop the passphrases that this process holds."""
    _read.clear()


def new(name: str, *, following: bool = False) -> str:
    """The passphrase under which something is to be put: asked twice at the terminal.

    Parameters
    ----------
    name
        Of a key, or `backup`.
    following
        Whether there is a passphrase in force already, which this one is to follow.

    Raises
    ------
    WorkspaceError
        There is none, it is too short, or the two that were typed differ.
    """
    variable = _variable(name, following=following)
    passphrase = given(variable)
    if passphrase is None:
        passphrase = _asked(variable, text("custody.ask_new", name=name))
        if _asked(variable, text("custody.ask_again", name=name)) != passphrase:
            raise WorkspaceError("custody.passphrases_differ", name=name)
    if len(passphrase) < SHORTEST:
        raise WorkspaceError("custody.passphrase_short", name=name, least=SHORTEST)
    return passphrase


def known(name: str, file: Path, *, following: bool = False) -> str:
    """The passphrase that something was put under, for the file it lies in. WorkspaceError where there is none."""
    variable = _variable(name, following=following)
    found = given(variable)
    return _asked(variable, text("custody.ask", file=file)) if found is None else found


def given(variable: str) -> str | None:
    """The passphrase from the descriptor that `<variable>_FD` names, or from the variable; None where neither is."""
    descriptor = os.environ.get(f"{variable}_FD")
    if descriptor is None or variable in _read:
        return _read.get(variable, os.environ.get(variable))
    try:
        with os.fdopen(int(descriptor), "rb") as file:
            _read[variable] = file.readline().rstrip(b"\r\n").decode()
    except (OSError, ValueError):
        raise WorkspaceError("custody.descriptor_unreadable", variable=f"{variable}_FD") from None
    return _read[variable]


def _variable(name: str, *, following: bool) -> str:
    return f"{OWN_VARIABLES}{name.upper()}_{'NEW_' if following else ''}PASSPHRASE"


def _asked(variable: str, prompt: str) -> str:
    if not sys.stdin.isatty():
        raise WorkspaceError("custody.passphrase_needed", variable=variable)
    return getpass.getpass(f"{prompt}: ")
