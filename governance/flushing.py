"""Files and folders written through to the disk: a name that was given or taken stands only once its folder was."""

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Have a file, or a folder with the names in it, written through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_all(folder: Path) -> None:
    """Have every file and folder under `folder`, and itself, written through to the disk."""
    for path in (*folder.rglob("*"), folder):
        flush(path)


def write_through(path: Path, content: bytes) -> None:
    """Write a file, in place of one of that name, through to the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, through to the disk, or none.

    Raises
    ------
    FileExistsError
        There is a file of that name.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
