"""Synthesises the cloud assembly from the settings, for CDK, `python app.py`, tests and the local cloud."""

import errno
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from aws_cdk import App

from braket_notifier.settings.bootstrap import EVERY_REGION, QUALIFIER, bootstrap_of
from braket_notifier.settings.handlers import check_handlers, requirements_of
from braket_notifier.settings.notifier_toml import read_settings
from braket_notifier.settings.python_version import MACHINE, functions_python
from infra.asset import CUSTOM, ROOT, stage_code, stage_digest
from infra.byte_code import add_byte_code, without_byte_code
from infra.function import Staged
from infra.layer import build_layer
from infra.own_layer import build_own_layer
from infra.region import ForwardingStack
from infra.stack import HomeStack

#: The source of Braket's events.
BRAKET = "aws.braket"

SETTINGS = "notifier.toml"
#: Who deploys, when and from which commit, of a deployment by CDK's own command.
NOBODY_SAID = "{}"
OUT = Path("cdk.out")
#: The organisation's names in cdk.json.
ORGANISATION = (QUALIFIER, "@aws-cdk/core:permissionsBoundary")
#: The folder in which Lambda shows the code.
DEPLOYED_AS = "/var/task"


def cdk_context() -> dict[str, object]:
    """The context of cdk.json without the organisation's names, because a local cloud and the goldens have none.

    The CDK command line passes the whole context itself.
    """
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return {key: value for key, value in context.items() if key not in ORGANISATION}


def synth(
    settings_path: Path | None = None,
    out_dir: Path = OUT,
    event_source: str | None = None,
    custom: Path = CUSTOM,
    watch: Callable[[App], None] = lambda _: None,
    machine: str = MACHINE,
    warn: Callable[[str], object] = lambda _: None,
) -> Path:
    """The folder of the cloud assembly; missing arguments come from the CDK context (`-c KEY=VALUE`).

    `custom` is the folder of the handlers. `watch` gets the empty app, and can add validation to it.
    `machine` is the Python that the functions run unless the settings name one. `warn` gets a warning, if any.
    """
    _check_writable(out_dir)
    given = {"settings": settings_path and str(settings_path), "event_source": event_source}
    context = {key: value for key, value in given.items() if value}
    app = App(outdir=str(out_dir), context={**cdk_context(), **context})
    watch(app)
    settings = read_settings(Path(app.node.try_get_context("settings") or SETTINGS))
    deployment = app.node.try_get_context("deployment") or NOBODY_SAID
    event_source = app.node.try_get_context("event_source") or BRAKET
    check_handlers(settings.channels, custom)
    needs = requirements_of(settings.channels, custom)
    python = functions_python(settings.python, machine)
    own_layers = {channel: build_own_layer(channel, requirements, python) for channel, requirements in needs.items()}
    if warning := without_byte_code(python):
        warn(warning)
    with tempfile.TemporaryDirectory() as folder:  # CDK copies the asset into the assembly
        staged = Staged(
            python,
            stage_code(settings.policy(), Path(folder) / "code", custom),
            stage_digest(settings.keys, Path(folder) / "digest"),
            build_layer(python),
            own_layers,
        )
        add_byte_code(staged.code, DEPLOYED_AS, python)
        home = HomeStack(app, settings, staged=staged, event_source=event_source, deployment=deployment)
        bootstrapped = bootstrap_of(settings.bootstrap, app.node.try_get_context(QUALIFIER)) == EVERY_REGION
        for region in settings.regions:
            if region != settings.home:
                forwarding = ForwardingStack(
                    app, settings, region=region, event_source=event_source, bootstrapped=bootstrapped
                )
                forwarding.add_stack_dependency(home)  # the rule needs the home bus
        return Path(app.synth().directory)


def _check_writable(folder: Path) -> None:
    """Raise an OSError that names the folder, because CDK's own error is a traceback of JavaScript."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
