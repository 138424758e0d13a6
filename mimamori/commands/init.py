"""`mimamori init`: an empty workspace."""

from mimamori.console import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, report
from vocabulary.texts import text


def init(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    from governance.workspace import Workspace

    made = Workspace.create(workspace)
    report({"workspace": str(made.path)}, [text("output.workspace_made", path=made.path)], as_json=as_json)
