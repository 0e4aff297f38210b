"""The files of the user's handlers, checked before anything is deployed."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from braket_notifier.settings.channels import Handler
from braket_notifier.settings.mistakes import Mistake, SettingsError

#: The parameters of the form that gets the message too.
MESSAGE = ["transition", "message"]
#: The modules of the layer, which a handler's function can import; a test holds them equal to the layer.
IN_LAYER = {"aws_lambda_powertools", "boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six"}
IN_LAYER |= {"typing_extensions", "tzdata", "urllib3"}
#: Modules that the functions' Python may have and this one lacks, from 3.11 to 3.14, and those of Lambda's runtime.
_ELSEWHERE = """aifc annotationlib asynchat asyncore audioop cgi cgitb chunk compression crypt distutils imghdr imp
lib2to3 mailcap nntplib pipes smtpd sndhdr sunau telnetlib uu xdrlib awslambdaric snapshot_restore_py""".split()  # noqa: SIM905 - shorter than quoting each
_IMPORTABLE = {*sys.stdlib_module_names, *_ELSEWHERE, *IN_LAYER, "braket_notifier", "custom"}
ONE, BOTH = f"handle({MESSAGE[0]})", f"handle({', '.join(MESSAGE)})"


def module(channel: str) -> str:
    """The Python name of a handler's file: `copy-results` is `copy_results.py`."""
    return channel.replace("-", "_")


def check_handlers(channels: Mapping[str, object], folder: Path) -> None:
    """SettingsError for each handler without its file, or whose file has no function `handle` that can be called."""
    digests = {name: channel.gets_digests for name, channel in channels.items() if isinstance(channel, Handler)}
    if found := list(missing_handlers(digests, folder)):
        raise SettingsError("\n".join(map(str, found)))


def missing_handlers(digests: Mapping[str, bool], folder: Path) -> Iterator[Mistake]:
    """The handlers without a file in the folder, or without a function `handle` in it that can be called.

    `digests` has the name of each handler, and whether it gets digests, which only a message shows.
    """
    for name, digest in digests.items():
        path = folder / f"{module(name)}.py"
        try:
            body = _body(path)
        except FileNotFoundError:
            yield Mistake(("channels", name), f"its handler is missing: there is no file {path}")
        except (SyntaxError, ValueError) as error:
            yield Mistake(("channels", name), f"{path} is not Python: {error}")
        else:
            kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
            functions = [each for each in body if isinstance(each, kinds) and each.name == "handle"]
            if not functions:
                yield Mistake(("channels", name), f"{path} has no line `def {ONE}:` or `def {BOTH}:`")
            elif _runs_later(functions[-1]):
                problem = f"handle in {path} is async or has a yield, so that a call runs nothing of it"
                yield Mistake(("channels", name), f"{problem}; allowed: a plain {ONE} or {BOTH}")
            elif (
                (taken := parameters_taken(functions[-1].args)) is None
                or (digest and taken == 1)
                or "context" in _required(functions[-1].args)[1:2]  # as Lambda calls a function
            ):
                shown = f"handle({ast.unparse(functions[-1].args)})"
                allowed = f"{BOTH}, because of digest = true" if digest else f"{ONE} or {BOTH}"
                yield Mistake(("channels", name), f"{path} has {shown}; allowed: {allowed}")


def missing_packages(handlers: Iterable[str], folder: Path) -> Iterator[Mistake]:
    """The handlers without requirements that begin with an import of a package which no function has.

    The names of packages in requirements may differ from those of their modules, so a file of requirements is trusted.
    """
    for name in handlers:
        path = folder / f"{module(name)}.py"
        imported: list[str] = []
        with suppress(OSError, SyntaxError, ValueError):  # which another mistake names
            for node in () if (own := path.with_suffix(".requirements.txt")).is_file() else _body(path):
                imported += [each.name for each in node.names] if isinstance(node, ast.Import) else []
                imported += [str(node.module)] if isinstance(node, ast.ImportFrom) and not node.level else []
        if lacking := [each for each in imported if each.split(".")[0] not in _IMPORTABLE]:
            problem = f"{path} imports {', '.join(lacking)}, which its function lacks"
            yield Mistake(("channels", name), f"{problem}; allowed: packages that {own.name} beside it names")


def _body(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8"), path.name).body


def _runs_later(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a call alone runs no code of the function; a yield of a function inside it is that one's own."""
    inside: list[ast.AST] = [*function.body]
    while inside:
        node = inside.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            inside += ast.iter_child_nodes(node)
    return isinstance(function, ast.AsyncFunctionDef)


def parameters_taken(arguments: ast.arguments) -> int | None:
    """How many of transition and message the function takes, as the handler's channel decides when it loads it.

    None if it can be called with neither.
    """
    names, required = _by_place(arguments), len(_required(arguments))
    if None in arguments.kw_defaults or required > len(MESSAGE):
        return None
    if required == len(MESSAGE) or names[1:2] == MESSAGE[1:]:
        return len(MESSAGE)
    return 1 if names or arguments.vararg else None


def _by_place(arguments: ast.arguments) -> list[str]:
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args)]


def _required(arguments: ast.arguments) -> list[str]:
    names = _by_place(arguments)
    return names[: len(names) - len(arguments.defaults)]


def requirements_of(channels: Mapping[str, object], folder: Path) -> dict[str, Path]:
    """The file `NAME.requirements.txt` of each handler that has one."""
    paths = {name: folder / f"{module(name)}.requirements.txt" for name in channels}
    return {name: path for name, path in paths.items() if isinstance(channels[name], Handler) and path.is_file()}
