"""Print the measures of docs/decisions/0013-package-layout.md: python -m tests.measure_structure [CHECKOUT].

`--library lambdas/notifier` measures a checkout from before the packages. A unit is a package, or a module beside them.
"""

import argparse
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.measure_delivery import delivered, loaded_dataclasses
from tests.test_architecture import imports

APART = ("cli", "settings")
FOLDERS = ("lambdas", "infra", "local", "security", "benchmarks", "tests")
REPLACED_VERB = re.compile(r"told|tells?\b", re.IGNORECASE)


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*.py"))


def lines(*paths: Path) -> int:
    return sum(path.read_text().count("\n") for path in paths)


def arrows_between(library: Path, parts: int) -> dict[str, set[str]]:
    """Which module imports which, each named by so many parts of its name below the library."""
    names = {path: path.relative_to(library.parent).with_suffix("").parts for path in files(library)}
    modules = {".".join(name): ".".join(name[1 : 1 + parts]) for name in names.values()}
    arrows: dict[str, set[str]] = {}
    for path, name in names.items():
        own = modules[".".join(name)]
        arrows.setdefault(own, set()).update({modules[each] for each in imports(path) & modules.keys()} - {own})
    return arrows


def in_circles(arrows: Mapping[str, set[str]]) -> int:
    """The number of names that remain when those without an arrow out or in are removed again and again."""
    left = dict(arrows)
    while free := {name for name in left if not left[name] or not any(name in each for each in left.values())}:
        left = {name: targets - free for name, targets in left.items() if name not in free}
    return len(left)


def replaced_verb(root: Path) -> int:
    folders = ("braket_notifier", "lambdas", "cli", "infra", "docs")
    places = [path for folder in folders for path in root.glob(f"{folder}/**/*")]
    texts = [path for path in (root / "README.md", *places) if path.is_file() and path.suffix not in {".pyc", ".png"}]
    return sum(len(REPLACED_VERB.findall(path.read_text())) for path in texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", nargs="?", type=Path, default=Path.cwd())
    parser.add_argument("--library", dest="folder", default="braket_notifier")
    given = parser.parse_args()
    root, library = given.checkout.resolve(), given.checkout.resolve() / given.folder
    modules, units = arrows_between(library, 9), arrows_between(library, 1)
    folder, most = Counter(path.parent for path in files(library) if path.stem != "__init__").most_common(1)[0]
    longest = max(files(library), key=lines)
    apart = {each: files(root / each) | files(library / each) for each in APART}
    rows = {
        "modules, imports between them": f"{len(modules)}, {sum(map(len, modules.values()))}",
        "units, imports between them": f"{len(units)}, {sum(map(len, units.values()))}",
        "modules in circles, units in circles": f"{in_circles(modules)}, {in_circles(units)}",
        "most files in a package": f"{most} ({folder.relative_to(library.parent)})",
        "most lines in a file": f"{lines(longest)} ({longest.relative_to(library)})",
    }
    stretches = ("one notification", "between `deliver` and adapters")
    for name, seen in zip(stretches, delivered(root, library), strict=True):
        rows[f"{name}: modules, returns"] = f"{len(seen)}, {sum(seen.values())}"
    rows["one notification: dataclasses loaded"] = f"{loaded_dataclasses(library.name)}"
    rows["lines of library"] = f"{lines(*files(library).difference(*apart.values()))}"
    parts = {**apart, **{name: files(root / name) - files(library) for name in FOLDERS}}
    rows |= {f"lines of {name}": f"{lines(*paths)}" for name, paths in parts.items()}
    rows["uses of the replaced verb"] = f"{replaced_verb(root)}"
    print("\n".join(f"{name:52}{value}" for name, value in rows.items()))  # noqa: T201 - the script's result


if __name__ == "__main__":
    main()
