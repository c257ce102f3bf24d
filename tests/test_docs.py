"""The pages say what is so: links lead somewhere, code compiles, commands and types are those that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mahdar.cli import main
from mahdar.codebook import EVENT_TYPES

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), ROOT / "samples" / "README.md"]
WRITTEN_BY_BENCHMARKS = {ROOT / "docs" / name for name in ("ACCURACY.md", "SPEED.md", "SCALE.md")}
each_page = pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])


@each_page
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            path = (page.parent / target).resolve()
            assert path.exists() or path in WRITTEN_BY_BENCHMARKS, target


@each_page
def test_python_in_the_pages_compiles(page: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        compile(block, str(page), "exec")


@each_page
def test_make_targets_named_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))) <= targets


def test_the_guide_names_the_options_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["read", "--help"])
    existing = set(re.findall(r"--[a-z]+", capsys.readouterr().out))
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    named = set(re.findall(r"--[a-z]+", guide)) - {"--country", "--day", "--version"}
    assert named == existing - {"--help", "--output"}


def test_the_users_codebook_has_every_type_and_no_other() -> None:
    page = (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")
    types = page.split("## Types")[1].split("## Slots")[0]
    assert set(re.findall(r"`([a-z_]+)`", types)) == set(EVENT_TYPES)
