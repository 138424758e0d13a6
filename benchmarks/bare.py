"""What the pages are compared with: the same 50 rows as JSON and nothing else, from memory and read for each request.

    python -m benchmarks.bare WORKSPACE PORT

Neither asks who wants to know, nor writes into a log; so what is beyond them is what accounts, the log and HTML cost.
"""

import sys
from pathlib import Path
from typing import Any

import polars as pl
import uvicorn
from fastapi import FastAPI

from governance.runs import last_published, read_artefact
from governance.workspace import Workspace

ROWS = 50


def app(workspace: Workspace) -> FastAPI:
    """The two routes: `/memory` and `/read`."""
    bare = FastAPI()
    kept = _first(workspace)

    @bare.get("/memory")
    def memory() -> list[dict[str, Any]]:
        return kept

    @bare.get("/read")
    def read() -> list[dict[str, Any]]:
        return _first(workspace)

    return bare


def _first(workspace: Workspace) -> list[dict[str, Any]]:
    run = last_published(workspace)
    if run is None:
        raise SystemExit("the workspace has no run")
    flags = read_artefact(workspace, run.run_id, "flags")
    return flags.filter(pl.col("year") == pl.col("year").max()).sort("rank").head(ROWS).to_dicts()


if __name__ == "__main__":
    uvicorn.run(app(Workspace.open(Path(sys.argv[1]))), port=int(sys.argv[2]), log_level="warning")
