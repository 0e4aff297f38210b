"""What the layer can do without: the rest of AWS, and packages that no function imports."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

#: What the functions call, of more than four hundred services that botocore describes; most handlers need no other.
SERVICES = ("braket", "dynamodb", "s3", "sns", "sqs", "ssm")

#: Whole folders that nothing we import needs.
UNUSED = (
    "bin",
    "boto3/data",  # boto3's resources; the functions use clients
    "boto3/examples",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",  # a web page for HTTP APIs
)

#: Files for people and type checkers, and folders that Python or a package leaves behind.
CHAFF = ("*.pyi", "examples-1.json", "tests", "__pycache__")

#: What a distribution must keep to be itself: its name, version and licence.
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
    """Botocore reads where every service is before it makes its first client."""
    endpoints = json.loads(path.read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in SERVICES}
    path.write_text(json.dumps(endpoints, separators=(",", ":")), encoding="utf-8")


def _trim_model(path: Path) -> None:
    """Half of a service's description explains it to people; the layer is compressed as a whole anyway."""
    model = json.loads(gzip.decompress(path.read_bytes()), object_hook=_without_documentation)
    path.with_suffix("").write_text(json.dumps(model, separators=(",", ":")), encoding="utf-8")
    path.unlink()


def _without_documentation(words: dict[str, object]) -> dict[str, object]:
    """A shape may have a member of that name: that is no text. The key stays: botocore reads some of them."""
    return {key: "" if key == "documentation" and isinstance(each, str) else each for key, each in words.items()}


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
