"""Synthesise the settings under cdk-nag 3: `python -m security.nag SETTINGS OUT` writes the report to OUT."""

import sys
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from braket_notifier.settings.python_version import SUPPORTED
from infra.synth import synth


def main(settings: str, out: str) -> None:
    def watch(app: App) -> None:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))

    synth(Path(settings), Path(out), watch=watch, machine=SUPPORTED[-1])


if __name__ == "__main__":
    main(*sys.argv[1:])
