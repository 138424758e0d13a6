"""Who may import whom: the direction of the pipeline, read from the code itself."""

import ast
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("mimamori", "vocabulary", "synthetic", "linkage", "indicators", "evaluation", "governance", "api")

MAY_IMPORT = {
    "vocabulary": set(),
    "synthetic": {"vocabulary"},
    "linkage": {"vocabulary"},
    "indicators": {"vocabulary"},
    "evaluation": {"vocabulary"},
    "governance": {"vocabulary"},
    "api": {"vocabulary", "governance", "indicators"},
    "mimamori": {"vocabulary", "synthetic", "linkage", "indicators", "evaluation", "governance", "api"},
}

BENCHMARKS_MAY_IMPORT = {"vocabulary", "synthetic", "linkage", "indicators", "evaluation", "governance"}
"""Benchmarks stand beside the system: they measure some of its folders, and nothing imports them."""

ONLY_IN = {
    "splink": {"linkage/splink_query.py"},
    "japanese_personal_name_dataset": {"synthetic/names.py"},
}
"""Libraries that one file stands for."""


def modules(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path):
    """Top-level packages that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module.split(".")[0]


def test_every_folder_has_a_rule_and_modules():
    assert set(MAY_IMPORT) == set(FOLDERS)
    assert all(modules(folder) for folder in FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_only_what_it_may(folder):
    found = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in modules(folder)
        for name in imported(path)
        if name in FOLDERS and name != folder
    }
    assert {(path, name) for path, name in found if name not in MAY_IMPORT[folder]} == set()


def test_benchmarks_import_what_they_measure_and_are_imported_by_nothing():
    measured = {name for path in modules("benchmarks") for name in imported(path) if name in FOLDERS}
    assert measured
    assert measured <= BENCHMARKS_MAY_IMPORT
    assert not any("benchmarks" in set(imported(path)) for folder in FOLDERS for path in modules(folder))


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_used_in_its_one_file(library):
    users = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in modules(folder)
        if library in set(imported(path))
    }
    assert users == ONLY_IN[library]


def test_only_governance_opens_the_database_and_only_custody_touches_keys_of_a_workspace():
    engines = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in modules(folder)
        if "create_engine(" in path.read_text(encoding="utf-8")
    }
    assert engines == {"governance/store.py"}
    ciphers = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in modules(folder)
        if "cryptography" in set(imported(path))
    }
    assert ciphers == {
        "governance/custody.py",
        "governance/wrapping.py",  # how a key lies in its file
        "governance/note.py",  # signatures of others
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_generic_folder_names_are_ours(folder):
    __import__(folder)
    assert Path(sys.modules[folder].__file__).is_relative_to(ROOT)
    assert set(packages_distributions().get(folder, [])) <= {"kodomo-mimamori"}
