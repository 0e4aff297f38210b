"""Synthesises the cloud assembly from the settings, for CDK, `python app.py`, tests and the local cloud."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from aws_cdk import App

from braket_notifier.settings.handlers import check_handlers, requirements_of
from braket_notifier.settings.notifier_toml import read_settings
from infra.asset import CUSTOM, stage_code
from infra.layer import build_layer
from infra.own_layer import build_own_layer
from infra.region import ForwardingStack
from infra.stack import HomeStack

#: The source of Braket's events.
BRAKET = "aws.braket"

SETTINGS = "notifier.toml"
OUT = Path("cdk.out")


def synth(
    settings_path: Path | None = None,
    out_dir: Path = OUT,
    event_source: str | None = None,
    custom: Path = CUSTOM,
    watch: Callable[[App], None] = lambda _: None,
) -> Path:
    """The folder of the cloud assembly; missing arguments come from the CDK context (`-c KEY=VALUE`).

    `custom` is the folder of the handlers. `watch` gets the empty app, and can add validation to it.
    """
    given = {"settings": settings_path and str(settings_path), "event_source": event_source}
    context = {key: value for key, value in given.items() if value}
    app = App(outdir=str(out_dir), context=context)
    watch(app)
    settings = read_settings(Path(app.node.try_get_context("settings") or SETTINGS))
    event_source = app.node.try_get_context("event_source") or BRAKET
    check_handlers(settings.channels, custom)
    needs = requirements_of(settings.channels, custom)
    own_layers = {channel: build_own_layer(channel, requirements) for channel, requirements in needs.items()}
    with tempfile.TemporaryDirectory() as folder:  # CDK copies the asset into the assembly
        code = stage_code(settings.policy(), Path(folder) / "code", custom)
        home = HomeStack(
            app, settings, code=code, layer=build_layer(), own_layers=own_layers, event_source=event_source
        )
        for region in settings.regions:
            if region != settings.home:
                forwarding = ForwardingStack(app, settings, region=region, event_source=event_source)
                forwarding.add_stack_dependency(home)  # the rule needs the home bus
        return Path(app.synth().directory)
