"""Files of checkpoints and keys that are named on the command line: read, and written where nothing stands yet."""

from pathlib import Path
from typing import TYPE_CHECKING

from vocabulary.errors import UsageError

if TYPE_CHECKING:
    from governance.log_key import LogKeys
    from governance.note import VerifierKey


def read_note(file: Path) -> str:
    """Text of a file, whatever its line ends."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UsageError("log.unreadable", file=file) from None


def read_key(file: Path) -> "VerifierKey":
    """The public key in a file."""
    from governance.note import parse_verifier_key

    key = parse_verifier_key(read_note(file))
    if key is None:
        raise UsageError("log.no_public_key", file=file)
    return key


def read_log_keys(file: Path) -> "LogKeys":
    """The keys in a `log.vkey`: the log's first one, and those introduced since."""
    from governance.log_key import parse_keys

    keys = parse_keys(read_note(file))
    if keys is None:
        raise UsageError("log.no_public_key", file=file)
    return keys


def write_new(file: Path, written: str) -> None:
    """Write a file that is not there yet."""
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(written)
    except FileExistsError:
        raise UsageError("log.exists", file=file) from None
