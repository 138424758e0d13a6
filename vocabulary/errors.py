"""Every error the system raises on purpose, in one tree.

    MimamoriError              exit 1
    ├── UsageError             exit 2  the command was given something it cannot mean
    ├── SpecificationError             a source specification or a parameter file is not well formed
    ├── DeliveryError                  a delivery cannot be taken; nothing of it was kept
    ├── ApprovalError                  an approval file is not well formed, or its state does not allow the step
    ├── RefusalError                   no approval covers what was asked; the refusal is in the run log
    ├── EvaluationError                a truth cannot be read, or does not belong to the run it is held against
    ├── WorkspaceError                 a workspace, run or account that is not there, or is there already
    └── IntegrityError                 the run log or an artefact is not what was written

An error carries the key of a text in `vocabulary/texts` and the values that fill it. The values are files, lines,
columns, rules and counts: never a name, a birth date, an address or another value that could tell of a child.
"""

from typing import Any

from vocabulary.texts import text


class MimamoriError(Exception):
    """What went wrong, why, and what to do, as one line of text in the reader's language."""

    exit_code = 1

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return text(self.key, **self.values)


class UsageError(MimamoriError):
    """The command was given something it cannot mean."""

    exit_code = 2


class SpecificationError(MimamoriError):
    """A source specification or a parameter file is not well formed."""


class DeliveryError(MimamoriError):
    """A delivery cannot be taken; nothing of it was kept."""


class ApprovalError(MimamoriError):
    """An approval file is not well formed, or its state does not allow the step."""


class RefusalError(MimamoriError):
    """No approval covers what was asked; the refusal is in the run log."""


class EvaluationError(MimamoriError):
    """A truth cannot be read, or does not belong to the run it is held against."""


class WorkspaceError(MimamoriError):
    """A workspace, run or account that is not there, or is there already."""


class IntegrityError(MimamoriError):
    """The run log or an artefact is not what was written."""
