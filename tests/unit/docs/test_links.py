"""Links between documents lead somewhere, and the index knows every document."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
DOCS = REPOSITORY / "docs"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```", re.DOTALL)


def documents() -> list[Path]:
    return sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md")])


def links() -> Iterator[tuple[Path, str]]:
    for document in documents():
        for target in LINK.findall(CODE.sub("", document.read_text(encoding="utf-8"))):
            if not re.match(r"[a-z]+:", target):
                yield document, target


def anchors(document: Path) -> set[str]:
    """The fragments that a heading gets on the usual Git hosts."""
    text = CODE.sub("", document.read_text(encoding="utf-8"))
    return {_slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def _slug(heading: str) -> str:
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    kept = [each for each in plain if each in " -_" or unicodedata.category(each)[0] in "LN"]
    return "".join(kept).replace(" ", "-")


def test_every_link_leads_to_a_file_and_to_a_heading_in_it() -> None:
    broken = []
    for document, target in links():
        path, _, fragment = target.partition("#")
        wanted = (document.parent / path).resolve() if path else document
        if not wanted.exists() or (fragment and fragment not in anchors(wanted)):
            broken.append(f"{document.relative_to(REPOSITORY)}: {target}")
    assert broken == []


def test_the_index_links_every_document() -> None:
    index = DOCS / "README.md"
    linked = {(index.parent / target.partition("#")[0]).resolve() for document, target in links() if document == index}
    assert {path for path in DOCS.rglob("*.md") if path != index} - linked == set()


def test_decisions_are_numbered_without_a_gap_and_have_their_parts() -> None:
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [record.name[:4] for record in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert re.match(rf"# {record.name[:4]}\. .+\n\nStatus: (proposed|accepted|superseded)", text), record.name
        positions = [text.find(f"\n## {part}\n") for part in ("Context", "Decision", "Consequences")]
        assert positions == sorted(positions), record.name
        assert min(positions) > 0, record.name
