"""A verification that runs while pages are served: one at a time, in a thread of its own, with its progress.

What is known here is of this process; what was found is in the log, where other processes see it.
"""

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import Request

from governance.log_checks import Check, check, last_check
from governance.workspace import Workspace
from vocabulary.texts import Language, use_language

logger = logging.getLogger("mimamori")


@dataclass
class Verifying:
    """The verification of one application."""

    part: str = ""  # of it that is under way: log, registers, runs
    done: int = 0
    of: int = 0
    since: str = ""
    failed: bool = False  # the last one ended without a result
    latest: Check | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._lock.locked()

    def start(self, workspace: Workspace, *, actor: str, language: Language) -> bool:
        """Begin one in the background; False where one is under way already."""
        if not self._lock.acquire(blocking=False):
            return False
        self.part, self.done, self.of, self.failed = "log", 0, 1, False
        self.since = datetime.now(UTC).isoformat(timespec="seconds")
        threading.Thread(target=self._verify, args=(workspace, actor, language), daemon=True).start()
        return True

    def last(self, workspace: Workspace) -> Check | None:
        """The newest result: that of this process where the log could not take it, else what the log tells."""
        latest = self.latest
        return latest if latest is not None and latest.seq is None else last_check(workspace)

    def _verify(self, workspace: Workspace, actor: str, language: Language) -> None:
        use_language(language)
        try:
            self.latest = check(workspace, actor=actor, begin=self._begin)
        except Exception as error:  # whatever it is, the page says that there is no result
            self.failed = True
            logger.error("%s while verifying", type(error).__name__)
        finally:
            self._lock.release()

    def _begin(self, part: str, done: int, of: int) -> None:
        self.part, self.done, self.of = part, done, of


def verifying(request: Request) -> Verifying:
    """That of the application which answers the request."""
    state = request.app.state
    if not hasattr(state, "verifying"):
        state.verifying = Verifying()
    found: Verifying = state.verifying
    return found
