"""``python -m server.texts.catalogue``: collect the texts, update both catalogues, compile.

Texts come from ``text(...)``, ``count(...)`` and ``N_(...)`` in the code and ``_(...)`` and
``tongue.count(...)`` in the templates. English is the msgid itself, so its catalogue is filled by
copying; a Vietnamese text that is missing is printed, and a test fails for it.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from server.texts.tongue import CATALOGUES, LANGUAGES

_SERVER: Final = Path(__file__).resolve().parent.parent
_HOMES: Final = ("figuring", "notifier", "register", "reports", "texts", "web", "yearly")
"""The packages that speak to people."""
_ANY_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
_STRING: Final = r'"(?:[^"\\]|\\.)*"'
_ONE: Final = re.compile(rf"(?<!\w)_\(\s*({_STRING})")
_MANY: Final = re.compile(
    rf"tongue\.count\(\s*('(?:[^'\\]|\\.)*'|{_STRING})\s*,\s*('(?:[^'\\]|\\.)*'|{_STRING})"
)
_SINGLE: Final = re.compile(r"(?<!\w)_\(\s*('(?:[^'\\]|\\.)*')")

_HEAD: Final = """\
msgid ""
msgstr ""
"Project-Id-Version: vonggac\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""

Message = str | tuple[str, str]


def collected() -> Catalog:
    """Return a catalogue of every text in code and templates, in a stable order."""
    found = Catalog(project="vonggac", charset="utf-8", fuzzy=False)
    for path in sorted(p for home in _HOMES for p in (_SERVER / home).rglob("*.*")):
        if path.suffix not in {".py", ".html"}:
            continue
        texts = _of_code(path) if path.suffix == ".py" else _of_template(path)
        for message in texts:
            found.add(message, locations=[(path.relative_to(_SERVER).as_posix(), 0)])
    return found


def _of_code(path: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        words = [
            a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        if name in {"text", "N_"} and words and words[0]:
            if isinstance(node.args[0], ast.Constant):
                yield words[0]
        elif name == "count" and len(words) > 1:
            yield words[0], words[1]
    if path.name == "tongue.py":
        yield from _units(path)


def _units(path: Path) -> Iterator[Message]:
    """Yield the pairs of words that stand in tables: one and many."""
    pattern = re.compile(rf"^_[A-Z]+: Final = \(({_STRING}), ({_STRING})\)", re.MULTILINE)
    for one, many in pattern.findall(path.read_text(encoding="utf-8")):
        yield ast.literal_eval(one), ast.literal_eval(many)


def _of_template(path: Path) -> Iterator[Message]:
    source = path.read_text(encoding="utf-8")
    for pattern in (_ONE, _SINGLE):
        for (text,) in (m.groups() for m in pattern.finditer(source)):
            yield ast.literal_eval(text)
    for one, many in _MANY.findall(source):
        yield ast.literal_eval(one), ast.literal_eval(many)


def catalogue_path(language: str) -> Path:
    """Return where a language's texts stand."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """Return a language's catalogue; an empty one where there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def updated(language: str, template: Catalog) -> Catalog:
    """Return a language's catalogue with exactly the texts of ``template``."""
    known, fresh = (
        read(language),
        Catalog(locale=language, project="vonggac", charset="utf-8", fuzzy=False),
    )
    for message in sorted((m for m in template if m.id), key=_key):
        old = known.get(message.id)
        text = old.string if old is not None else ""
        if language == "en":
            text = message.id
        fresh.add(message.id, text, locations=sorted(set(message.locations)))
    return fresh


def _key(message: object) -> str:
    value = message.id  # type: ignore[attr-defined]
    return value[0] if isinstance(value, tuple) else str(value)


def missing(catalogue: Catalog) -> list[str]:
    """Return the msgids without a text."""
    return [_key(m) for m in catalogue if m.id and not all(_forms(m.string))]


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (str(text or ""),)


def text_of(catalogue: Catalog) -> bytes:
    """Return the catalogue as a .po file without a date: a run without news changes nothing."""
    file = io.BytesIO()
    write_po(file, catalogue, width=100, omit_header=True, include_lineno=False)
    head = _HEAD.format(language=catalogue.locale, plural=catalogue.plural_forms)
    return head.encode() + file.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return the compiled form, without the date of this run."""
    file = io.BytesIO()
    bare = Catalog(
        locale=catalogue.locale,
        project="vonggac",
        charset="utf-8",
        fuzzy=False,
        creation_date=_ANY_DAY,
        revision_date=_ANY_DAY,
    )
    for message in catalogue:
        if message.id:
            bare.add(message.id, message.string)
    write_mo(file, bare)
    return file.getvalue()


def main() -> int:
    """Update and compile both catalogues; fail where a Vietnamese text is missing."""
    template, holes = collected(), 0
    for language in LANGUAGES:
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = updated(language, template)
        path.write_bytes(text_of(fresh))
        path.with_suffix(".mo").write_bytes(compiled(fresh))
        for msgid in missing(fresh):
            holes += 1
            sys.stderr.write(f"{language}: no text for {msgid!r}\n")
    return 1 if holes else 0


if __name__ == "__main__":
    raise SystemExit(main())
