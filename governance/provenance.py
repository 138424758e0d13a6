"""Which code, libraries and machine made a run."""

import os
import platform
import subprocess
from functools import cache
from importlib.metadata import distributions, version
from pathlib import Path

from governance.digest import sha256_file, sha256_json
from governance.manifest import CodeVersion

DISTRIBUTION = "kodomo-mimamori"
PACKAGES = ("mimamori", "vocabulary", "synthetic", "linkage", "indicators", "evaluation", "governance", "api")
ROOT = Path(__file__).resolve().parent.parent


@cache
def code_version() -> CodeVersion:
    """The version of this code: of the package, the commit of its checkout, and the digest of its source files."""
    return CodeVersion(version=version(DISTRIBUTION), commit=_commit(), source_sha256=source_digest(ROOT))


def source_digest(root: Path) -> str:
    """SHA-256 over path and content of every file of the project's packages under `root`, caches left out."""
    files = (path for package in PACKAGES for path in (root / package).rglob("*") if path.is_file())
    digests = {
        path.relative_to(root).as_posix(): sha256_file(path) for path in files if "__pycache__" not in path.parts
    }
    return sha256_json(digests)


def library_versions() -> dict[str, str]:
    """Version of every installed distribution, by name."""
    told = (distribution.metadata for distribution in distributions())  # read anew whenever asked for
    found = {one["Name"]: one["Version"] for one in told}
    return {name: number for name, number in sorted(found.items()) if name != DISTRIBUTION}


def environment() -> dict[str, str]:
    """Python, operating system and processors of this machine."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": str(os.cpu_count()),
    }


def _commit() -> str | None:
    if not (ROOT / ".git").exists():
        return None
    try:
        command = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):  # git is not installed, or will not read this folder
        return None
