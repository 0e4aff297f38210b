"""Removes unused files from the layer: other AWS services, and packages that no function imports."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

#: AWS services that the functions call, of more than 400 in botocore; most handlers need no other.
SERVICES = ("braket", "cloudtrail", "dynamodb", "events", "s3", "sns", "sqs", "ssm")

#: Folders that no import needs.
UNUSED = (
    "bin",
    "boto3/data",  # boto3's resources; the functions use clients
    "boto3/examples",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",  # a web page for HTTP APIs
)

#: Files for people and type checkers, and folders for tests and caches.
CHAFF = ("*.pyi", "examples-1.json", "tests", "__pycache__")

#: Files of a distribution that stay: its name, version and licence.
KEPT_OF_DISTRIBUTIONS = ("METADATA", "LICEN", "NOTICE", "AUTHORS")


def trim(site: Path) -> None:
    for path in list(_unused(site)):
        if path.is_dir():
            rmtree(path)
        else:
            path.unlink(missing_ok=True)
    _trim_endpoints(site / "botocore" / "data" / "endpoints.json")
    for path in list(site.glob("botocore/data/*/*/service-2.json.gz")):
        _trim_model(path)


def _trim_endpoints(path: Path) -> None:
    """Keep the used services' endpoints, because botocore reads the whole file before its first client."""
    endpoints = json.loads(path.read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in SERVICES}
    path.write_text(json.dumps(endpoints, separators=(",", ":")), encoding="utf-8")


def _trim_model(path: Path) -> None:
    """Remove documentation, half of a service's model; decompress it, because the layer is compressed as a whole."""
    model = json.loads(gzip.decompress(path.read_bytes()), object_hook=_without_documentation)
    path.with_suffix("").write_text(json.dumps(model, separators=(",", ":")), encoding="utf-8")
    path.unlink()


def _without_documentation(model: dict[str, object]) -> dict[str, object]:
    """Empty the texts and keep the keys, because botocore reads some. A shape may have a member of that name."""
    return {key: "" if key == "documentation" and isinstance(each, str) else each for key, each in model.items()}


def _unused(site: Path) -> Iterator[Path]:
    yield from (site / folder for folder in UNUSED)
    for pattern in CHAFF:
        yield from site.rglob(pattern)
    for path in (site / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            yield path
    for distribution in site.glob("*.dist-info"):
        for path in distribution.iterdir():
            if path.is_file() and not path.name.startswith(KEPT_OF_DISTRIBUTIONS):
                yield path
