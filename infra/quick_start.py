"""The quick start of a release: a template for e-mail in one region, without CDK, its bootstrap or settings.

`python -m infra.quick_start FOLDER` writes the template, and the code, layer and settings that it uploads.
"""

import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from aws_cdk import App, Aws, CfnOutput, CfnParameter, Fn
from constructs import Construct

from braket_notifier.settings.channels import Email
from braket_notifier.settings.notifier_toml import Settings, settings_of
from braket_notifier.settings.python_version import MACHINE
from braket_notifier.settings.schema import SCHEMA
from infra.asset import HERE, freeze, stage_code, stage_digest
from infra.byte_code import add_byte_code
from infra.failures import in_one_sentence
from infra.function import Staged
from infra.layer import build_layer
from infra.stack import HomeStack
from infra.synth import BRAKET, DEPLOYED_AS, NOBODY_SAID, cdk_context

#: The parameter of the template, and what it may be.
ADDRESS = "Address"
_ADDRESS = SCHEMA["definitions"]["address"]
#: A region and an address in the place of those that are known when the template is deployed.
REGION, SOMEBODY = "us-east-1", "somebody@example.org"
#: The member of each resource that uploads a folder, by its type.
UPLOADED = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}


def quick_start(out: Path, event_source: str = BRAKET) -> Path:
    """Write template.json and the archives beside it, which `aws cloudformation package` uploads; return the folder."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        assembly = _synth(_settings(), Path(folder), event_source)
        template = json.loads((assembly / "braket-notifier.template.json").read_text(encoding="utf-8"))
        for member in ("Rules", "Metadata"):
            template.pop(member, None)
        del template["Parameters"]["BootstrapVersion"]
        for resource in template["Resources"].values():
            if found := UPLOADED.get(resource["Type"]):
                resource["Properties"][found] = _archive(resource["Properties"], found, assembly, out)
    (out / "template.json").write_text(json.dumps(template, separators=(",", ":")), encoding="utf-8")
    return out


def _settings() -> Settings:
    """The shipped settings of an e-mail channel, with a region that the functions read from their environment."""
    read = settings_of({"home": REGION, "regions": [REGION], "channels": {"mail": {"type": "email", "to": [SOMEBODY]}}})
    return replace(read, document={**read.document, "home": HERE, "regions": [HERE]})


def _synth(settings: Settings, folder: Path, event_source: str) -> Path:
    app = App(outdir=str(folder / "cdk.out"), context=cdk_context())
    staged = Staged(
        MACHINE,
        stage_code(settings.policy(), folder / "code"),
        stage_digest(settings.keys, folder / "digest"),
        build_layer(MACHINE),
        {},
    )
    add_byte_code(staged.code, DEPLOYED_AS, MACHINE)
    address = Fn.ref(ADDRESS)
    anywhere = replace(
        settings,
        home=Aws.REGION,
        regions=(Aws.REGION,),
        channels={"mail": replace(_mail(settings), to=(address,))},
        alarms=(address,),
    )
    stack = HomeStack(app, anywhere, staged=staged, event_source=event_source, deployment=NOBODY_SAID)
    CfnParameter(
        stack,
        ADDRESS,
        type="String",
        description="E-mail address that is notified, also of alarms",
        allowed_pattern=_ADDRESS["pattern"],  # otherwise the stack fails half-way, and is to be deleted first
        constraint_description=f"must be one e-mail address, like {_ADDRESS['allowed']}",
    )
    shown = _child(stack, "Settings")
    shown.value = shown.value.replace(HERE, Aws.REGION)
    return Path(app.synth().directory)


def _mail(settings: Settings) -> Email:
    channel = settings.channels["mail"]
    assert isinstance(channel, Email)  # noqa: S101 - of the settings above
    return channel


def _child(stack: Construct, name: str) -> CfnOutput:
    output = stack.node.find_child(name)
    assert isinstance(output, CfnOutput)  # noqa: S101 - CDK's type is wider
    return output


def _archive(properties: dict[str, Any], member: str, assembly: Path, out: Path) -> str:
    """The name of the archive of a resource's folder, which is written once."""
    folder = assembly / f"asset.{properties[member]['S3Key'].removesuffix('.zip')}"
    name = "code" if member == "Code" else properties["LayerName"].removeprefix("braket-notifier-")
    if not (out / f"{name}.zip").exists():
        freeze(folder)  # CDK's copies are as old as this run
        shutil.make_archive(str(out / name), "zip", folder)
    return f"{name}.zip"


if __name__ == "__main__":
    with in_one_sentence(Path(sys.argv[1])):
        quick_start(Path(sys.argv[1]))
