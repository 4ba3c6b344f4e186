"""The repository: locks without addresses, no path of a workplace, links that exist."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".txt", ".html", ".css", ".cfg", ".po", ""}


def tracked() -> list[Path]:
    """Return the files that git tracks, or every file where this is no checkout."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("part", ["edge", "server", "dev"])
def test_a_lock_file_pins_with_hashes_and_names_no_index(part: str) -> None:
    lines = (ROOT / "requirements" / f"{part}.txt").read_text().splitlines()
    pins = [n for n, line in enumerate(lines) if re.match(r"^[A-Za-z0-9]", line)]
    assert len(pins) > 5
    for n in pins:
        assert "==" in lines[n]
        assert "--hash=sha256:" in lines[n + 1]
    assert not any("://" in line or line.startswith("--") for line in lines)


def test_an_agent_brings_nothing_of_the_centre() -> None:
    names = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "requirements/edge.txt").read_text(), re.MULTILINE
    )
    assert not {"sqlalchemy", "alembic", "amqtt", "jinja2", "asyncpg", "argon2-cffi"} & set(names)


def test_no_file_reads_a_workplace() -> None:
    workplace = re.compile("|".join([r"\.\./" + "shared", "/" + "work/", r"\.lib" + "rary"]))
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in TEXT and workplace.search(path.read_text(errors="ignore"))
    ]
    assert found == []


def test_every_relative_link_of_the_documents_leads_somewhere() -> None:
    for path in (p for p in tracked() if p.suffix == ".md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_what_compose_mounts_exists() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), f"{name}: {source}"
            else:
                assert source in compose["volumes"], f"{name}: {source}"
