"""The check of a handler's file before anything is deployed."""

import ast
import re
from pathlib import Path

import pytest

from braket_notifier.settings.channels import Handler
from braket_notifier.settings.handlers import check_handlers, missing_packages, parameters_taken
from braket_notifier.settings.mistakes import SettingsError
from tests.handler_signatures import SIGNATURES

ASYNC = (
    "channels.my-own: handle in {path} is async or has a yield, so that a call runs nothing of it; "
    "allowed: a plain handle(transition) or handle(transition, message)"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "channels.my-own: its handler is missing: there is no file {path}"),
        ("def handle(transition)\n", "channels.my-own: {path} is not Python: expected ':' (my_own.py, line 1)"),
        ("\0", "channels.my-own: {path} is not Python: source code"),
        (
            "def handel(transition): ...\n",
            "channels.my-own: {path} has no line `def handle(transition):` or `def handle(transition, message):`",
        ),
        ("async def handle(transition): ...\n", ASYNC),
        ("def handle(transition):\n    if transition:\n        print((yield))\n", ASYNC),
        ("def handle(transition):\n    yield from ()\n", ASYNC),
        (
            "def handle(transition): ...\ndef handle(t, m, *, more): ...\n",  # Python keeps the second one
            "channels.my-own: {path} has handle(t, m, *, more); allowed: handle(transition) or handle(transition, ",
        ),
        (
            "def handle(event, context): ...\n",  # as Lambda calls a function
            "channels.my-own: {path} has handle(event, context); allowed: handle(transition) or handle(transition, ",
        ),
        (
            "def outer():\n    def handle(t): ...\n",
            "channels.my-own: {path} has no line `def handle(transition):` or `def handle(transition, message):`",
        ),
    ],
)
def test_a_channel_without_its_handler_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "my_own.py").write_text(text)

    with pytest.raises(SettingsError, match="^" + re.escape(message.format(path=tmp_path / "my_own.py"))):
        check_handlers({"my-own": Handler()}, tmp_path)


def test_a_handler_that_imports_a_package_which_its_function_lacks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "my_own.py"
    lacks = (
        "import json, boto3\nfrom os.path import join\nimport numpy.linalg\nfrom . import more\nfrom yaml import load\n"
    )
    path.write_text(f"{lacks}try:\n    import rich\nexcept ImportError:\n    rich = None\n")
    [mistake] = missing_packages(["my-own", "absent"], tmp_path)

    (tmp_path / "my_own.requirements.txt").write_text("numpy\nPyYAML\n")

    problem = f"channels.my-own: {path} imports numpy.linalg, yaml, which its function lacks; "
    assert str(mistake) == f"{problem}allowed: packages that my_own.requirements.txt beside it names"
    assert not [*missing_packages(["my-own"], tmp_path)]


def test_a_handler_may_import_what_the_functions_python_or_its_runtime_may_have(tmp_path: Path) -> None:
    """Python 3.14 is the first with `compression`, and 3.12 the last with `telnetlib`."""
    (tmp_path / "my_own.py").write_text(
        "import compression.zstd, telnetlib\nfrom snapshot_restore_py import register\n"
    )

    assert not [*missing_packages(["my-own"], tmp_path)]


def test_a_handler_may_have_a_generator_inside_it(tmp_path: Path) -> None:
    text = "def handle(transition):\n    def parts():\n        yield 1\n    print(sum(parts()), lambda: (yield))\n"
    (tmp_path / "my_own.py").write_text(text)

    check_handlers({"my-own": Handler()}, tmp_path)


@pytest.mark.parametrize("parameters", ["event, context=None", "transition, message", "*everything"])
def test_a_handler_that_can_be_called_is_accepted_whatever_its_parameters_names(
    tmp_path: Path, parameters: str
) -> None:
    (tmp_path / "my_own.py").write_text(f"def handle({parameters}): ...\n")

    check_handlers({"my-own": Handler()}, tmp_path)


@pytest.mark.parametrize("parameters", ["transition", "transition, retries=3", "*everything", ""])
def test_a_handler_that_gets_digests_takes_their_words(tmp_path: Path, parameters: str) -> None:
    """A digest has no transition of its own."""
    (tmp_path / "my_own.py").write_text(f"def handle({parameters}): ...\n")
    reason = (
        rf"has handle\({re.escape(parameters)}\); allowed: handle\(transition, message\), because of digest = true$"
    )

    with pytest.raises(SettingsError, match=reason):
        check_handlers({"my-own": Handler(type="digest-handler")}, tmp_path)

    (tmp_path / "my_own.py").write_text("def handle(transition, message): ...\n")
    check_handlers({"my-own": Handler(type="digest-handler")}, tmp_path)


@pytest.mark.parametrize(("signature", "taken"), SIGNATURES.items())
def test_the_check_reads_a_signature_as_the_handlers_channel_does(signature: str, taken: int | None) -> None:
    [function] = ast.parse(f"def handle({signature}): ...").body

    assert isinstance(function, ast.FunctionDef)
    assert parameters_taken(function.args) == taken
