"""Imports run downwards only, the core is pure, sizes are bounded, and names use the field's words."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from local.canary import CANARY

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "braket_notifier"

#: The layers from the bottom up: a package imports from lower layers only. `docs/architecture.md` shows this table.
LAYERS = (
    ("text", "errors"),
    ("domain",),
    ("braket",),
    ("costs", "routing", "sending"),
    ("rendering", "tracking", "watching"),
    ("grouping", "status_board", "handlers"),
    ("observe", "sweep", "remind", "deliver", "adapters"),
    ("bootstrap",),
    ("cli",),
)
#: This package imports nothing of the library, because infra and editors use it without the functions.
APART = "settings"
#: Packages below the adapters, and the three flows: the standard library only.
CORE = {name for layer in LAYERS[:6] for name in layer} | {"observe", "sweep", "remind", "deliver"}
#: The Lambda functions never load these.
NOT_IN_FUNCTIONS = {"settings", "cli"}
FOLDERS = ["braket_notifier", "lambdas", "infra", "local"]
MOST_FILES, MOST_LINES = 15, 250
#: Packages whose files may be many: one file per command.
MANY_FILES = {"braket_notifier/cli/commands"}


@cache
def paths(folder: str) -> tuple[Path, ...]:
    """Every Python file of a folder. A test over no files would pass without checking anything."""
    found = tuple(sorted((ROOT / folder).rglob("*.py")))
    assert found, folder
    return found


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, wherever in it, except what only type checkers import."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def package_of(path: Path) -> str:
    """`domain` for `braket_notifier/domain/resource.py`, `observe` for `braket_notifier/observe.py`."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def packages_used(path: Path) -> set[str]:
    """The library's other packages that a file imports."""
    named = {name.split(".")[1] for name in imports(path) if name.startswith("braket_notifier.")}
    known = {name for layer in LAYERS for name in layer} | {APART}
    return (named & known) - {package_of(path)}


def layer_of(package: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if package in names)


def diagram() -> str:
    """The layers from the top down as Mermaid, which GitHub renders."""
    rows = [*LAYERS[:-1], ("lambdas", *LAYERS[-1])][::-1]
    boxes = [f'    layer{number}["{" · ".join(names)}"]' for number, names in enumerate(rows)]
    arrows = " --> ".join(f"layer{number}" for number in range(len(rows)))
    apart = [f'    apart["{APART}"]', "    layer0 -- cli only --> apart", "    infra --> apart"]
    return "\n".join(["```mermaid", "flowchart TB", *boxes, f"    {arrows}", *apart, "```"])


def test_the_page_shows_the_layers(golden: Callable[[Path, str], None]) -> None:
    page = ROOT / "docs" / "architecture.md"
    before, separator, after = page.read_text().partition("```mermaid\n")
    assert separator

    golden(page, before + diagram() + after[after.index("```") + 3 :])


def test_the_page_lists_the_core() -> None:
    names = ", ".join(f"`{name}`" for layer in LAYERS for name in layer if name in CORE)

    assert f"The core uses the standard library alone: {names}." in (ROOT / "docs" / "architecture.md").read_text()


def test_the_maintainers_page_names_the_layers_in_their_order() -> None:
    rows = [*LAYERS[:-1], ("lambdas", *LAYERS[-1])]

    assert f": {' ← '.join(', '.join(names) for names in rows)}." in (ROOT / "MAINTAINING.md").read_text()


def test_every_package_has_its_layer() -> None:
    there = {package_of(path) for path in paths("braket_notifier")} - {"__init__"}

    assert there == {name for layer in LAYERS for name in layer} | {APART}


@pytest.mark.parametrize("path", paths("braket_notifier"), ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_imports_run_downwards_only(path: Path) -> None:
    package = package_of(path)
    if package in ("__init__", APART):
        assert packages_used(path) == set()
        return
    lower = {name for layer in LAYERS[: layer_of(package)] for name in layer}
    allowed = lower | ({APART} if package == "cli" else set())

    assert packages_used(path) - allowed == set()


def test_no_package_imports_itself_in_a_circle() -> None:
    """Within a package too, modules form no circle."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths("braket_notifier")}
    arrows = {name: imports(path) & modules.keys() for name, path in modules.items()}
    while free := [name for name, targets in arrows.items() if not targets & arrows.keys()]:
        for name in free:
            del arrows[name]

    assert sorted(arrows) == []


@pytest.mark.parametrize(("folder", "above"), [("*.py", "checks"), ("*.py", "commands"), ("checks/*.py", "commands")])
def test_the_command_line_s_helpers_and_checks_import_nothing_above_them(folder: str, above: str) -> None:
    """Only `main.py` names the commands."""
    files = [path for path in (LIBRARY / "cli").glob(folder) if path.name != "main.py"]
    upwards = [path.name for path in files if any(f".cli.{above}." in f"{name}." for name in imports(path))]

    assert files
    assert upwards == []


def in_core() -> list[Path]:
    found = [path for path in paths("braket_notifier") if package_of(path) in CORE]
    assert found
    return found


def entry_files() -> list[Path]:
    found = [path for path in paths("lambdas") if path.parent.name == "lambdas"]
    assert found
    return found


@pytest.mark.parametrize("path", in_core(), ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_the_core_uses_the_standard_library_only(path: Path) -> None:
    foreign = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - {"braket_notifier"}

    assert foreign == set()


def test_the_core_has_no_any() -> None:
    assert [path.name for path in in_core() if re.search(r"\bAny\b", path.read_text())] == []


@pytest.mark.parametrize(
    "path", paths("braket_notifier/adapters"), ids=lambda path: path.relative_to(LIBRARY).as_posix()
)
def test_adapters_import_no_other_adapter_but_https(path: Path) -> None:
    own = path.relative_to(LIBRARY / "adapters").parts[0].removesuffix(".py")
    others = {name.split(".")[2] for name in imports(path) if name.startswith("braket_notifier.adapters.")}

    assert others - {own, "https"} == set()


def test_the_library_does_not_import_its_public_interface() -> None:
    """Only users' handlers import `braket_notifier.handlers`."""
    users = {
        path.relative_to(LIBRARY).as_posix()
        for path in paths("braket_notifier")
        if any(name.startswith("braket_notifier.handlers") for name in imports(path))
    }

    assert users == set()


@pytest.mark.parametrize("path", entry_files(), ids=lambda path: path.name)
def test_an_entry_file_is_thin(path: Path) -> None:
    """An entry file parses, calls the library once and logs."""
    tree = ast.parse(path.read_text())
    tree.body = [each for each in tree.body if not isinstance(each, ast.Import | ast.ImportFrom)]
    lines = {node.lineno for node in ast.walk(tree) if hasattr(node, "lineno")}

    assert len(lines) <= 40
    assert {name for name in imports(path) if name.startswith("braket_notifier.adapters")} == set()


@pytest.mark.parametrize("path", [*entry_files(), *in_core()], ids=lambda path: path.name)
def test_functions_import_neither_settings_nor_the_command_line(path: Path) -> None:
    named = {name.split(".")[1] for name in imports(path) if name.startswith("braket_notifier.")}

    assert named & NOT_IN_FUNCTIONS == set()


@pytest.mark.parametrize("path", paths("infra"), ids=lambda path: path.name)
def test_infra_imports_the_settings_the_version_and_the_product_s_name_only(path: Path) -> None:
    ours = {name for name in imports(path) if name.split(".")[0] in {"braket_notifier", "lambdas", "local"}}

    assert {
        name for name in ours if not re.match(r"braket_notifier(\.settings.*|\.__version__|\.PRODUCT)?$", name)
    } == set()


@pytest.mark.parametrize("path", paths("local/braket"), ids=lambda path: path.name)
def test_the_braket_emulator_imports_nothing_else_of_the_project(path: Path) -> None:
    """The emulator may be published on its own."""
    project = {"braket_notifier", "infra", "lambdas", "tests", "local"}
    ours = {name for name in imports(path) if name.split(".")[0] in project}

    assert {name for name in ours if not name.startswith("local.braket.")} == set()


def test_packages_and_files_are_small() -> None:
    folders = {path.parent for path in paths("braket_notifier")}
    counts = {
        folder.relative_to(ROOT).as_posix(): len([each for each in folder.glob("*.py") if each.stem != "__init__"])
        for folder in folders
    }
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in paths("braket_notifier")}

    assert {name: count for name, count in counts.items() if count > MOST_FILES and name not in MANY_FILES} == {}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_private_name_crosses_a_package() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in paths("braket_notifier")
        for name in imports(path)
        if name.startswith("braket_notifier.") and re.search(r"\._[a-zA-Z]", name)
    ]

    assert found == []


def definitions(folder: str) -> Iterator[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef]]:
    for path in paths(folder):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield f"{path.name}:{getattr(node, 'name', 'module')}", node


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_and_class_has_a_docstring_that_is_a_sentence(folder: str) -> None:
    described = (each for each in definitions(folder) if not isinstance(each[1], ast.FunctionDef))

    assert [where for where, node in described if not re.search(r"[.→:)]", ast.get_docstring(node) or "")] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_names_use_the_field_s_words(folder: str) -> None:
    """A status is never a state, a device never a backend; nothing is a Manager or a Helper."""
    banned = re.compile(r"(Manager|Helper|Util|Base|Data|Info|Service|Processor|Impl|Backend|backend)")

    assert [where for where, node in definitions(folder) if banned.search(getattr(node, "name", ""))] == []


def test_every_exception_of_the_library_is_in_the_tree_of_errors() -> None:
    """`settings` imports nothing of ours, and the command line ends with its own errors."""
    classes = {
        node.name: {ast.unparse(each) for each in node.bases}
        for path in paths("braket_notifier")
        if package_of(path) not in {APART, "cli"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }
    tree = {"NotifierError"}
    while grown := {name for name, bases in classes.items() if bases & tree} - tree:
        tree |= grown
    exceptions = {name for name, bases in classes.items() if name.endswith("Error") or bases & {"Exception", "OSError"}}

    assert len(exceptions) > 10
    assert exceptions - tree == set()


def test_the_module_of_errors_shows_its_tree() -> None:
    module = ast.parse((LIBRARY / "errors.py").read_text())
    shown = re.findall(r"^ .*?(\w+Error)$", ast.get_docstring(module) or "", re.MULTILINE)

    assert shown == [node.name for node in module.body if isinstance(node, ast.ClassDef)]


def test_no_two_classes_share_a_name() -> None:
    """Covers library, command line and infra, so that a search for a name finds one class."""
    seen: dict[str, list[str]] = {}
    for folder in ("braket_notifier", "infra"):
        for path in paths(folder):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    seen.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())

    assert {name: places for name, places in seen.items() if len(places) > 1} == {}


@pytest.mark.parametrize("folder", ["tests", "local"])
def test_every_made_up_secret_of_slack_s_is_a_canary(folder: str) -> None:
    """A secret without the canary would never be searched for."""
    files = [path for ending in ("py", "toml") for path in (ROOT / folder).rglob(f"*.{ending}")]
    others = {
        f"{path}": re.findall(rf"xox[a-z]-(?!{CANARY})\w\w+|/T\w+/B\w+/(?!{CANARY})\w+", path.read_text())
        for path in files
    }

    assert len(files) > 1
    assert {path: found for path, found in others.items() if found} == {}
