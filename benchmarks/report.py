"""A benchmark's report: a table, goals that are met or missed, and a picture; printed, and written to `docs/`."""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KEPT = Path("docs/performance")


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that must not exceed its bound."""

    name: str
    value: float
    bound: float

    @property
    def met(self) -> bool:
        return self.value <= self.bound

    def __str__(self) -> str:
        return f"goal {self.name} {self.value:.4g} {self.bound:.4g} {'met' if self.met else 'missed'}"


@dataclass(frozen=True, slots=True)
class Report:
    """A benchmark's figures, and a short description of the measurement."""

    name: str
    measured: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    goals: Sequence[Goal]
    draw: "Callable[[Axes], object]"

    def show(self, console: Console) -> None:
        table = Table(*self.columns, title=self.name, title_justify="left", caption=self.measured)
        for row in self.rows:
            table.add_row(*row)
        console.print(table)
        for goal in self.goals:
            console.print(str(goal), highlight=False, soft_wrap=True)

    def keep(self, folder: Path = KEPT) -> None:
        """Write the table and the goals as Markdown, the picture as PNG."""
        from matplotlib.figure import Figure  # noqa: PLC0415 - loaded by nothing but a benchmark that draws

        folder.mkdir(parents=True, exist_ok=True)
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        self.draw(figure.subplots())
        figure.savefig(folder / f"{self.name}.png", dpi=110, metadata={"Software": None})
        lines = [f"# {self.name}", "", self.measured, "", f"![{self.name}]({self.name}.png)", ""]
        lines += [_line(self.columns), _line(["---"] * len(self.columns)), *map(_line, self.rows), "", "```"]
        lines += [*map(str, self.goals), "```", "", machine(), ""]
        (folder / f"{self.name}.md").write_text("\n".join(lines), encoding="utf-8")


def machine() -> str:
    """Describe the machine and its load."""
    cores, load, python = os.cpu_count(), os.getloadavg()[0], platform.python_version()
    return f"{platform.system()} on {platform.machine()}, {cores} cores, load {load:.1f}, Python {python}."


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
