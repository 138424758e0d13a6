"""The version of the code changes with any source file, and with nothing else."""

import re

from governance.provenance import PACKAGES, ROOT, code_version, environment, library_versions, source_digest


def test_the_digest_follows_the_source_files(tmp_path):
    (tmp_path / "linkage").mkdir()
    (tmp_path / "linkage" / "link.py").write_text("a = 1\n")
    first = source_digest(tmp_path)
    (tmp_path / "notes.txt").write_text("beside the packages")
    (tmp_path / "linkage" / "__pycache__").mkdir()
    (tmp_path / "linkage" / "__pycache__" / "link.pyc").write_bytes(b"cache")
    assert source_digest(tmp_path) == first
    (tmp_path / "linkage" / "rules.toml").write_text("")
    second = source_digest(tmp_path)
    (tmp_path / "linkage" / "link.py").write_text("a = 2\n")
    assert len({first, second, source_digest(tmp_path)}) == 3


def test_every_package_is_taken_in():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages == set(PACKAGES)


def test_what_is_told():
    code = code_version()
    assert re.fullmatch(r"\d+\.\d+\.\d+", code.version)
    assert code.commit is None or re.fullmatch(r"[0-9a-f]{40}", code.commit)
    assert {"polars", "splink", "cryptography"} <= set(library_versions())
    assert environment()["python"].startswith("3.")
