"""One measured claim beside its reference; every benchmark returns rows, `benchmarks.__main__` prints them."""

from dataclasses import dataclass
from typing import Literal

SMALL = 100
"""Figures below it are shown with three digits, those above whole."""

Of = Literal["ratio", "figure"]
SIGNS = {True: "≥", False: "≤"}


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound of a row's ratio, or of its measured figure in the row's unit; a lower bound unless `at_least` is off."""

    bound: float
    of: Of = "ratio"
    at_least: bool = True

    def is_met(self, value: float) -> bool:
        """Whether the value keeps to the bound."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """`measured` and `reference` are in the same `unit`: of a rate more is better, of a time less."""

    claim: str
    measured: float
    reference: float
    reference_name: str
    unit: str
    goal: Goal | None = None

    @property
    def ratio(self) -> float:
        """Measured over reference; 0 when the reference could do nothing."""
        return self.measured / self.reference if self.reference else 0.0

    @property
    def goal_text(self) -> str:
        """The goal as it is printed: with the unit where it is one of the figure; nothing where there is none."""
        if self.goal is None:
            return ""
        unit = f" {self.unit}" if self.goal.of == "figure" else ""
        return f"{SIGNS[self.goal.at_least]} {self.goal.bound:,g}{unit}"

    @property
    def verdict(self) -> str:
        """Say whether the goal is met; nothing where there is none."""
        if self.goal is None:
            return ""
        return "met" if self.goal.is_met(self.ratio if self.goal.of == "ratio" else self.measured) else "missed"


def shown(figure: float) -> str:
    """Write a figure with as many digits as it is worth."""
    return f"{figure:,.0f}" if figure >= SMALL else f"{figure:.3g}"
