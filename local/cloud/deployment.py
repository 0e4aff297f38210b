"""Deploy a synthesised cloud assembly as the CDK does: assets into its bucket, the template through CloudFormation."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Client = Callable[[str, str], Any]  # of a service in a region

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the CDK's fixed file time, so that equal folders make equal archives
_POLL_S = 0.02
_DEADLINE_S = 120


class DeploymentError(Exception):
    """CloudFormation refused or rolled back the change; the message names the resource and the reason."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack: its outputs, and the type and physical name of each resource by logical id."""

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    types: Mapping[str, str]

    def of_type(self, wanted: str) -> dict[str, str]:
        """Physical ids by logical id of one type, such as AWS::Lambda::Function."""
        return {name: self.resources[name] for name, its_type in self.types.items() if its_type == wanted}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file or folder of the assembly, with the bucket and key that the template expects."""

    source: Path
    bucket: str
    key: str

    def content(self) -> bytes:
        return zipped(self.source) if self.source.is_dir() else self.source.read_bytes()


def deploy(client: Client, assembly: Path, account: str, home: str) -> Stack:
    """Create or update the assembly's stacks, each in its own region, the home stack first; returns the home stack."""
    regions = _regions(assembly, home)
    in_order = sorted(regions, key=lambda name: (regions[name] != home, name))
    at_home, *_ = [_deploy_stack(client, assembly, name, account, regions[name]) for name in in_order]
    return at_home


def _regions(assembly: Path, home: str) -> dict[str, str]:
    """The region of each stack by the assembly's manifest; home without a manifest."""
    names = [template.name.removesuffix(".template.json") for template in assembly.glob("*.template.json")]
    manifest = assembly / "manifest.json"
    artifacts = json.loads(manifest.read_text(encoding="utf-8"))["artifacts"] if manifest.exists() else {}
    return {name: artifacts[name]["environment"].rpartition("/")[2] if name in artifacts else home for name in names}


def _deploy_stack(client: Client, assembly: Path, name: str, account: str, region: str) -> Stack:
    template, listed = assembly / f"{name}.template.json", assembly / f"{name}.assets.json"
    if not listed.exists():  # a stack without files needs no bucket, because CDK sends its template inline
        return _change(client("cloudformation", region), name, {"TemplateBody": template.read_text(encoding="utf-8")})
    manifest = json.loads(listed.read_text(encoding="utf-8"))
    assets = list(assets_of(manifest, assembly, account, region))
    _bootstrap(client, template, {asset.bucket for asset in assets}, region)
    for asset in assets:
        client("s3", region).put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.content())
    [body] = [asset for asset in assets if asset.source == template]
    url = f"https://s3.amazonaws.com/{body.bucket}/{body.key}"
    return _change(client("cloudformation", region), name, {"TemplateURL": url})


def assets_of(manifest: Mapping[str, Any], assembly: Path, account: str, region: str) -> Iterator[Asset]:
    for entry in manifest["files"].values():
        for place in entry["destinations"].values():
            bucket = place["bucketName"].replace("${AWS::AccountId}", account).replace("${AWS::Region}", region)
            yield Asset(assembly / entry["source"]["path"], bucket, place["objectKey"])


def zipped(folder: Path) -> bytes:
    """The folder as an archive that depends on names, contents and permissions only."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EARLIEST)
            entry.external_attr = path.stat().st_mode << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _bootstrap(client: Client, template: Path, buckets: set[str], region: str) -> None:
    """The resources of `cdk bootstrap` that a template asks for, under its qualifier."""
    version = (
        json.loads(template.read_text(encoding="utf-8"))
        .get("Parameters", {})
        .get("BootstrapVersion", {})
        .get("Default")
    )
    there = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    if version:
        client("ssm", region).put_parameter(Name=version, Value="30", Type="String", Overwrite=True)
    for bucket in buckets - {known["Name"] for known in client("s3", region).list_buckets()["Buckets"]}:
        client("s3", region).create_bucket(Bucket=bucket, **there)


def _change(cloudformation: Any, name: str, template: Mapping[str, str]) -> Stack:  # noqa: ANN401  typed by its name only
    known = {stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]}
    change = cloudformation.update_stack if name in known else cloudformation.create_stack
    try:
        change(StackName=name, **template, Capabilities=["CAPABILITY_NAMED_IAM"])
    except cloudformation.exceptions.ClientError as error:
        if "No updates are to be performed" not in str(error):  # CloudFormation's message for an unchanged template
            raise
    stack = _settled(cloudformation, name)
    if stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise DeploymentError(f"{name} is {stack['StackStatus']}: {'; '.join(_failures(cloudformation, name))}")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return Stack(
        name,
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        resources={each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources},
        types={each["LogicalResourceId"]: each["ResourceType"] for each in resources},
    )


def _settled(cloudformation: Any, name: str) -> dict[str, Any]:  # noqa: ANN401  typed by its name only
    deadline = time.monotonic() + _DEADLINE_S
    while time.monotonic() < deadline:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            return stack
        time.sleep(_POLL_S)
    raise DeploymentError(f"{name} has not settled in {_DEADLINE_S} s")


def _failures(cloudformation: Any, name: str) -> Iterator[str]:  # noqa: ANN401  typed by its name only
    for event in cloudformation.describe_stack_events(StackName=name)["StackEvents"]:
        if event["ResourceStatus"].endswith("FAILED"):
            yield f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
