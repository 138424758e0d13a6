"""A file that a process holds locked while it lives: the operating system lets it go when the process dies."""

import fcntl
import os
from pathlib import Path


class ProcessLock:
    """An exclusive lock on a file, which is made for it and removed with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take the lock if no living process holds it; whether it was taken."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            taken = self._is(descriptor)
        except BlockingIOError:
            taken = False
        if not taken:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def _is(self, descriptor: int) -> bool:
        """Whether the file that was opened still has its name: its holder may have removed it in between."""
        try:
            return os.path.samestat(os.fstat(descriptor), self.path.stat())
        except FileNotFoundError:
            return False

    @property
    def descriptor(self) -> int:
        """The open file of a lock that is held, for a process to inherit."""
        if self._descriptor is None:
            raise ValueError("the lock is not held")
        return self._descriptor

    def hand_over(self) -> None:
        """Leave the lock to the process that inherited the descriptor."""
        os.close(self.descriptor)
        self._descriptor = None

    def release(self) -> None:
        """Remove the file and let the lock go; nothing where it is not held."""
        if self._descriptor is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None
