"""What a handler's function has that no other has: its file, its own dependencies and its own rights."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from aws_cdk import aws_iam as iam

from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.settings.notifier_toml import Handler
from infra.grants import allow


def module(channel: str) -> str:
    """The Python name of a handler's file: `copy-results` is `copy_results.py`."""
    return channel.replace("-", "_")


def check_handlers(channels: Mapping[str, object], folder: Path) -> None:
    """Each handler has its file, and in it its function; SettingsError before anything is deployed."""
    for name, channel in channels.items():
        if isinstance(channel, Handler):
            _check(name, folder / f"{module(name)}.py")


def _check(channel: str, path: Path) -> None:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"channels.{channel}: its handler is missing: there is no file {path}") from error
    except (SyntaxError, ValueError) as error:
        raise SettingsError(f"channels.{channel}: {path} is not Python: {error}") from error
    if not any(isinstance(each, ast.FunctionDef) and each.name == "handle" for each in tree.body):
        raise SettingsError(f"channels.{channel}: {path} has no function handle(transition)")


def requirements_of(channels: Mapping[str, object], folder: Path) -> dict[str, Path]:
    """The requirements of each handler that brings some: `lambdas/custom/NAME.requirements.txt`."""
    paths = {name: folder / f"{module(name)}.requirements.txt" for name in channels}
    return {name: path for name, path in paths.items() if isinstance(channels[name], Handler) and path.is_file()}


def rights(handler: Handler) -> Iterator[iam.PolicyStatement]:
    """What the settings give it beside its secrets; whoever creates a hybrid job must be let give it its role."""
    for permission in handler.permissions:
        yield allow(permission.actions, *permission.resources)
    if handler.job_role:
        to_braket = {"StringEquals": {"iam:PassedToService": "braket.amazonaws.com"}}
        yield iam.PolicyStatement(actions=["iam:PassRole"], resources=[handler.job_role], conditions=to_braket)
