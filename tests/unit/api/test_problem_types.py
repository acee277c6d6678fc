"""The problem types, and docs/reference/problems.md against them, both ways."""

import re
from pathlib import Path

from api.problem_types import PROBLEM_TYPES

REFERENCE = (Path(__file__).resolve().parents[3] / "docs/reference/problems.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(/problems/[a-z-]+)` \| (\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_the_reference_lists_each_problem_type_as_it_is() -> None:
    assert ROW.findall(REFERENCE) == [(each.uri, str(each.status), each.title, each.about) for each in PROBLEM_TYPES]


def test_names_are_unique() -> None:
    assert len({each.name for each in PROBLEM_TYPES}) == len(PROBLEM_TYPES)
