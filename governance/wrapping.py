"""How a key of the workspace lies on the disk: plainly, under a passphrase, or wrapped by a program of the city's.

    file         the key itself, in a file that only its owner can read
    passphrase   AES-256-GCM under a key that argon2id derives from a passphrase (RFC 9106, second recommended option)
    command      what an external program made of it: a client of a key management service or of a hardware module

For passphrases see `governance.passphrases`. The program gets `wrap` or `unwrap` and the name of the key as arguments,
and the key as one line of base64 on its standard input; it answers with one line of base64. No secret is ever an
argument. What was opened by passphrase or command is held in the memory of this process, so that it is not asked for
each file; the plain file is read each time.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import signal
import subprocess
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag as InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from governance import passphrases
from vocabulary.errors import WorkspaceError
from vocabulary.texts import text

KEY_BYTES = 32
NONCE_BYTES = 12
SALT_BYTES = 16

ROUNDS = {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 4}
"""Of argon2id; the memory in KiB."""

MOST_ROUNDS = {"time_cost": 64, "memory_cost": 2**21, "parallelism": 64}
"""What a file may ask for at most, so that an edited one cannot exhaust the machine."""

NEXT = ".new"
"""Ending of the file of a key that is to follow the one in force (see `governance.rotation`)."""


class Method(StrEnum):
    """How a key is kept."""

    FILE = "file"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a method
    COMMAND = "command"


class Keeper(BaseModel):
    """Settings of one key: `[keys.root]` and so on in `mimamori.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    method: Method = Method.FILE
    command: tuple[str, ...] = ()  # the program, by its whole path, and its own arguments; no secret among them
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0  # seconds that the program may take
    folder: Path | None = None  # where the file lies, if not in keys/; from the workspace's folder

    @model_validator(mode="after")
    def _command_is_whole(self) -> Self:
        if (self.method is Method.COMMAND) != bool(self.command):
            raise PydanticCustomError("command", text("custody.command_or_method"))
        if self.command and not Path(self.command[0]).is_absolute():
            raise PydanticCustomError("command", text("custody.command_not_absolute"))
        return self


_opened: dict[bytes, bytes] = {}


def forget() -> None:
    """Drop the keys and passphrases that this process holds."""
    _opened.clear()
    passphrases.forget()


def key_id(secret: bytes) -> str:
    """Eight bytes, in hexadecimal, by which a key is told from another; they tell nothing of it."""
    return hmac.digest(secret, b"mimamori/key-id", "sha256")[:8].hex()


def wrapped(name: str, secret: bytes, keeper: Keeper, *, following: bool = False) -> bytes:
    """The content of the file of a key, by the method of the settings.

    Parameters
    ----------
    name
        Of the key: root, identities, pseudonyms or log.
    secret
        Its 32 bytes.
    keeper
        The settings.
    following
        Whether there is a passphrase in force already, which another is to follow.

    Raises
    ------
    WorkspaceError
        There is no passphrase or it is too short, or the program failed or does not give back what it was given.
    """
    if keeper.method is Method.FILE:
        return base64.b64encode(secret) + b"\n"
    document: dict[str, object] = {"method": keeper.method.value, "id": key_id(secret)}
    if keeper.method is Method.PASSPHRASE:
        document |= under_passphrase(secret, _bound(name), passphrases.new(name, following=following))
    else:
        made = _answer(name, keeper, "wrap", secret)
        if _answer(name, keeper, "unwrap", made) != secret:
            raise WorkspaceError("custody.command_not_true", name=name)
        document["key"] = base64.b64encode(made).decode()
    return json.dumps(document).encode() + b"\n"


def unwrapped(name: str, path: Path, keeper: Keeper) -> bytes:
    """The 32 bytes of the key in a file.

    Raises
    ------
    WorkspaceError
        The file is not there, open to others or not a key; there is no passphrase or it is the wrong one; the program
        is not set, failed or gave another key.
    """
    content = _content(path)
    held = hashlib.sha256(content).digest()
    if held in _opened:
        return _opened[held]
    document = _document(content)
    if document is None:
        return _plain(content, path)
    try:
        secret = _by_method(name, document, path, keeper)
    except (ValueError, KeyError, TypeError):
        raise WorkspaceError("custody.key_unreadable", file=_shown(path)) from None
    if len(secret) != KEY_BYTES or key_id(secret) != document.get("id"):
        raise WorkspaceError("custody.command_gave_another", name=name)
    _opened[held] = secret
    return secret


def described(path: Path) -> tuple[Method, str]:
    """By which method the key in a file lies there, and its id; no passphrase and no program is asked.

    Raises
    ------
    WorkspaceError
        The file is not there, open to others or not a key.
    """
    content = _content(path)
    document = _document(content)
    if document is None:
        return Method.FILE, key_id(_plain(content, path))
    try:
        return Method(document["method"]), str(document["id"])
    except (ValueError, KeyError):
        raise WorkspaceError("custody.key_unreadable", file=_shown(path)) from None


def under_passphrase(data: bytes, bound: bytes, passphrase: str) -> dict[str, object]:
    """`data` under a passphrase: salt, parameters of argon2id, and nonce with ciphertext; JSON values."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    cipher = AESGCM(_derived(passphrase, salt, ROUNDS))
    sealed = nonce + cipher.encrypt(nonce, data, bound)
    return {"salt": base64.b64encode(salt).decode(), **ROUNDS, "key": base64.b64encode(sealed).decode()}


def from_passphrase(document: dict[str, Any], bound: bytes, passphrase: str) -> bytes:
    """The data that `under_passphrase` was given.

    Raises
    ------
    InvalidTag
        Under another passphrase, or bound to something else.
    ValueError, KeyError, TypeError
        The document is not of that form.
    """
    rounds = {name: int(document[name]) for name in ROUNDS}
    if not all(0 < rounds[name] <= most for name, most in MOST_ROUNDS.items()):
        raise ValueError("parameters of argon2id out of range")
    salt, sealed = (base64.b64decode(document[part], validate=True) for part in ("salt", "key"))
    cipher = AESGCM(_derived(passphrase, salt, rounds))
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)


def _by_method(name: str, document: dict[str, Any], path: Path, keeper: Keeper) -> bytes:
    if Method(document["method"]) is Method.COMMAND:
        if not keeper.command:
            raise WorkspaceError("custody.command_unset", name=name)
        return _answer(name, keeper, "unwrap", base64.b64decode(document["key"], validate=True))
    passphrase = passphrases.known(name, _shown(path), following=path.suffix == NEXT)
    try:
        return from_passphrase(document, _bound(name), passphrase)
    except InvalidTag:
        raise WorkspaceError("custody.wrong_passphrase", file=_shown(path)) from None


def _shown(path: Path) -> Path:
    """A key's file as messages name it: short where it lies in the workspace."""
    return Path(*path.parts[-2:]) if path.parent.name == "keys" else path


def _bound(name: str) -> bytes:
    return f"mimamori/key/{name}".encode()


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise WorkspaceError("custody.key_open_to_others", file=_shown(path))
        return path.read_bytes()
    except FileNotFoundError:
        raise WorkspaceError("custody.key_missing", file=_shown(path)) from None
    except PermissionError:
        raise WorkspaceError("custody.key_unreadable", file=_shown(path)) from None


def _document(content: bytes) -> dict[str, Any] | None:
    """The JSON of a wrapped key; None where the content is none."""
    try:
        document = json.loads(content)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _plain(content: bytes, path: Path) -> bytes:
    try:
        secret = base64.b64decode(content)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise WorkspaceError("custody.key_unreadable", file=_shown(path))
    return secret


def _derived(passphrase: str, salt: bytes, rounds: dict[str, int]) -> bytes:
    return hash_secret_raw(passphrase.encode(), salt, hash_len=KEY_BYTES, type=Type.ID, **rounds)


def _answer(name: str, keeper: Keeper, verb: str, data: bytes) -> bytes:
    """What the program answers to one line of base64; it and whatever it started are ended when the time is over."""
    kept = {
        variable: value for variable, value in os.environ.items() if not variable.startswith(passphrases.OWN_VARIABLES)
    }
    try:
        process = subprocess.Popen(  # noqa: S603 - a program of the city's settings, without a shell
            [*keeper.command, verb, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it might tell of the key
            env=kept,
            start_new_session=True,
        )
    except OSError:
        raise WorkspaceError("custody.command_absent", name=name, command=keeper.command[0]) from None
    try:
        answer, _ = process.communicate(base64.b64encode(data) + b"\n", timeout=keeper.timeout)
    except subprocess.TimeoutExpired:
        raise WorkspaceError("custody.command_slow", name=name, verb=verb, seconds=keeper.timeout) from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        raise WorkspaceError("custody.command_failed", name=name, verb=verb, code=process.returncode)
    try:
        return base64.b64decode(answer.strip(), validate=True)
    except ValueError:
        raise WorkspaceError("custody.command_misspoke", name=name, verb=verb) from None
