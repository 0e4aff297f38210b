"""Imports point inwards only, the core is pure, and the words are the field's."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.canary import CANARY

ROOT = Path(__file__).parents[1]
NOTIFIER = ROOT / "lambdas" / "notifier"

#: The layers from the inside out: a module imports from its own layer's left only.
LAYERS = [
    {"graphemes", "known_reasons", "members", "model", "text", "results"},
    {"braket", "devices", "links", "policy", "policy_json", "wire", "message"},
    {"asked", "detect", "route", "quiet", "published", "digest", "hints", "names"},
    {"batch", "outcome", "group"},
    {"timeline", "render_task", "digest_lists"},
    {"render_job"},
    {"render", "render_digest", "render_executables", "render_slack", "render_email", "render_json"},
    {"wording"},
    {"ports"},
    {"survey", "widget", "board_style", "board_parts", "board_open", "board"},
    {"turn", "retry", "pace", "counting", "told"},
    {"sending"},
    {"cards", "waiting"},
    {"flushing"},
    {"folding"},
    {"pipeline", "delivery", "comparing", "jobs", "sweeping"},
    {"adapters", "clients"},
    {"aws"},
]
FOLDERS = ["lambdas", "infra", "local", "cli"]
CORE = set().union(*LAYERS[:-3])
#: Within a layer: what a module may import beside the inner layers.
NEIGHBOURS = {
    "model": {"members", "results"},
    "text": {"graphemes"},
    "devices": {"text"},
    "wire": {"braket"},
    "policy_json": {"policy"},
    "route": {"asked"},
    "board_open": {"board_parts", "survey"},
    "board": {"board_open", "board_parts", "board_style", "survey", "widget"},
    "jobs": {"pipeline"},
    "comparing": {"pipeline"},
    "sweeping": {"pipeline", "comparing", "jobs"},
}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(NOTIFIER.rglob("*.py")):
        yield ".".join(path.relative_to(NOTIFIER).with_suffix("").parts), path


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it; what only type checkers import does not count."""
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
    return found


def layer(module: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if module.split(".", maxsplit=1)[0] in names)


@pytest.mark.parametrize(("module", "path"), [each for each in modules() if each[0] != "__init__"])
def test_imports_point_inwards(module: str, path: Path) -> None:
    inner = {name.split(".")[1] for name in imports(path) if name.startswith("notifier.")}
    allowed = NEIGHBOURS.get(module, set()) | ({"adapters"} if module.startswith("adapters.") else set())

    assert {name for name in inner if layer(name) >= layer(module)} - allowed == set()


@pytest.mark.parametrize(("module", "path"), [each for each in modules() if each[0].split(".")[0] in CORE])
def test_the_core_uses_the_standard_library_only(module: str, path: Path) -> None:
    foreign = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - {"notifier"}

    assert foreign == set(), module


@pytest.mark.parametrize(("module", "path"), [each for each in modules() if each[0].startswith("adapters.")])
def test_adapters_never_import_one_another(module: str, path: Path) -> None:
    own = ".".join(module.split(".")[:2])
    others = {name for name in imports(path) if name.startswith("notifier.adapters.")}

    assert {name for name in others if not f"{name}.".startswith(f"notifier.{own}.")} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "lambdas").glob("*.py")), ids=lambda path: path.name)
def test_an_entry_file_is_thin(path: Path) -> None:
    """One file, one function: parse, one pipeline call, one log line."""
    code = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith(("from", "import"))]

    assert len(code) <= 40
    assert {name for name in imports(path) if name.startswith("notifier.adapters")} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "infra").rglob("*.py")), ids=lambda path: path.name)
def test_infra_never_imports_the_functions(path: Path) -> None:
    inside = {"notifier", "observe", "sweep", "deliver", "lambdas"}

    assert {name for name in imports(path) if name.split(".")[0] in inside} == set()


def definitions(folder: str) -> Iterator[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef]]:
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield f"{path.name}:{getattr(node, 'name', 'module')}", node


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_and_class_says_what_it_is_in_a_sentence(folder: str) -> None:
    described = (each for each in definitions(folder) if not isinstance(each[1], ast.FunctionDef))

    assert [where for where, node in described if not re.search(r"[.→:)]", ast.get_docstring(node) or "")] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_names_use_the_field_s_words(folder: str) -> None:
    """A status is never a state, a device never a backend; nothing is a Manager or a Helper."""
    banned = re.compile(r"(Manager|Helper|Util|Base|Data|Info|Service|Processor|Impl|Backend|backend)")

    assert [where for where, node in definitions(folder) if banned.search(getattr(node, "name", ""))] == []


def test_the_core_has_no_any() -> None:
    assert [module for module, path in modules() if re.search(r"\bAny\b", path.read_text())] == []


@pytest.mark.parametrize("folder", ["tests", "local"])
def test_every_made_up_secret_of_slack_s_is_a_canary(folder: str) -> None:
    """Any other would be looked for nowhere."""
    files = [path for ending in ("py", "toml") for path in (ROOT / folder).rglob(f"*.{ending}")]
    others = {
        f"{path}": re.findall(rf"xox[a-z]-(?!{CANARY})\w\w+|/T\w+/B\w+/(?!{CANARY})\w+", path.read_text())
        for path in files
    }

    assert {path: found for path, found in others.items() if found} == {}
