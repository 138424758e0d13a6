"""The wrapping keys of a workspace in one file under a passphrase, to be kept apart from its backup.

The file is bound to the name of the run log, so that the keys of one workspace are not put into another.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from governance import passphrases, wrapping
from governance.custody import NAMES, Custody, write_secret
from vocabulary.errors import WorkspaceError

FORM = "mimamori/keys/1"
PASSPHRASE = "backup"  # noqa: S105 - the name of a passphrase
"""What the passphrase is called: `MIMAMORI_BACKUP_PASSPHRASE`."""


def sealed_keys(custody: Custody, origin: str) -> tuple[bytes, tuple[str, ...]]:
    """The content of the file, and names of keys that are not in it because they lie with a custodian just now.

    Raises
    ------
    WorkspaceError
        There is no passphrase, or a key that is there cannot be opened.
    """
    passphrase = passphrases.new(PASSPHRASE)
    held = [name for name in NAMES if custody.file(name).exists()]
    keys = {name: base64.b64encode(custody.opened(name)).decode() for name in held}
    document = wrapping.under_passphrase(json.dumps(keys).encode(), _bound(origin), passphrase)
    content = json.dumps({"form": FORM, "origin": origin} | document).encode() + b"\n"
    return content, tuple(name for name in NAMES if name not in held)


def opened_keys(path: Path, origin: str) -> dict[str, bytes]:
    """The keys in a file, by name.

    Raises
    ------
    WorkspaceError
        The file is none that `sealed_keys` made, of another workspace, or the passphrase is wrong.
    """
    try:
        document = json.loads(path.read_bytes())
        if document["form"] != FORM:
            raise ValueError(FORM)
        if document["origin"] != origin:
            raise WorkspaceError("backup.keys_of_another", file=path, origin=document["origin"], here=origin)
        passphrase = passphrases.known(PASSPHRASE, path)
        written = json.loads(wrapping.from_passphrase(document, _bound(origin), passphrase))
        return {name: base64.b64decode(written[name]) for name in NAMES if name in written}
    except wrapping.InvalidTag:
        raise WorkspaceError("custody.wrong_passphrase", file=path) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise WorkspaceError("backup.no_keys", file=path) from None


def put_keys(custody: Custody, keys: Mapping[str, bytes]) -> None:
    """Put keys where the settings have them, by their methods; a key that stands there already is left.

    Raises
    ------
    WorkspaceError
        Another key stands there, or a passphrase or program cannot be had.
    """
    for name, key in keys.items():
        path = custody.file(name)
        if path.exists():
            if wrapping.described(path)[1] != wrapping.key_id(key):
                raise WorkspaceError("backup.another_key", file=path)
            continue
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(path, wrapping.wrapped(name, key, custody.keeper(name)))


def _bound(origin: str) -> bytes:
    return f"{FORM}/{origin}".encode()
