"""Rules of the house that a reader would otherwise have to check by eye."""

import ast
import re
import subprocess

import pytest

from tests.structure.test_imports import FOLDERS, ROOT, modules

LONGEST_FILE = 320
LONGEST_FUNCTION = 60

REGISTRIES = ("py" + "pi.org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("folder", FOLDERS)
def test_files_and_functions_can_be_read_at_one_sitting(folder):
    for path in modules(folder):
        source = path.read_text(encoding="utf-8")
        assert source.count("\n") <= LONGEST_FILE, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                assert node.end_lineno - first.lineno < LONGEST_FUNCTION, f"{path}:{node.lineno} {node.name}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_says_what_it_answers_for(folder):
    silent = [
        path for path in modules(folder) if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_registry_and_no_home_is_named():
    home = re.compile(r"(?<![\w.])/(?:root|home/\w+)/")
    for path in tracked():
        if path.suffix in {".png", ".parquet", ".svg"}:
            continue
        content = path.read_text(encoding="utf-8", errors="replace")
        assert not any(host in content for host in REGISTRIES), path
        assert not home.search(content), path


def test_every_dependency_is_pinned_with_its_hash():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert len(pins) > 40
    assert all(re.match(r"^[\w.-]+==[\w.]+ .*\\$", pin) or re.match(r"^[\w.-]+==[\w.]+ \\$", pin) for pin in pins)
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins)
