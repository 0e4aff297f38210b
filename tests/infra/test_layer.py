"""The dependency layer has all imports of the functions, and no code for one processor."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from braket_notifier.settings.handlers import IN_LAYER
from infra import layer
from infra.asset import LAMBDAS, LIBRARY, NOT_DEPLOYED
from infra.layer import build_layer
from infra.trim import SERVICES

#: The files that the functions run.
DEPLOYED = [
    path
    for path in [*LAMBDAS.rglob("*.py"), *LIBRARY.rglob("*.py")]
    if not {LIBRARY / package for package in NOT_DEPLOYED} & {*path.parents}
]

PROBE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import boto3, importlib
for name in json.loads(sys.argv[2]):
    importlib.import_module(name)
for service in json.loads(sys.argv[3]):
    client = boto3.client(service, region_name="eu-north-1", aws_access_key_id="a", aws_secret_access_key="b")
    if service == "s3":  # its address depends on the request
        client.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "key"})
modules = [getattr(each, "__file__", None) or "" for each in sys.modules.values()]
print(json.dumps([each for each in modules if "site-packages" in each]))
"""


@pytest.fixture(scope="module")
def site() -> Path:
    return build_layer() / "python"


def test_the_layer_alone_has_everything_that_the_functions_import(site: Path) -> None:
    """Python runs without this machine's packages, and writes no byte code."""
    imports = sorted(set(_imports()))
    arguments = [str(site), json.dumps(imports), json.dumps(SERVICES)]

    probe = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-I", "-S", "-B", "-c", PROBE, *arguments], capture_output=True, text=True, check=False
    )

    assert probe.returncode == 0, probe.stderr
    assert json.loads(probe.stdout) == []
    assert {"botocore.session", "aws_lambda_powertools"} <= {*imports}


def test_the_check_of_handlers_knows_the_modules_of_the_layer(site: Path) -> None:
    files = (path for path in site.iterdir() if path.suffix != ".dist-info" and path.name != "__pycache__")

    assert {path.stem for path in files} == IN_LAYER


def test_botocore_keeps_the_services_that_the_functions_call(site: Path) -> None:
    called = {name for path in DEPLOYED for name in re.findall(r'(?<!braket\.)client\(\s*"(\w+)"', path.read_text())}
    kept = {path.name for path in (site / "botocore" / "data").iterdir()}

    assert called == set(SERVICES)
    assert kept == {*SERVICES, "_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"}


def test_no_file_is_compiled_for_one_processor(site: Path) -> None:
    assert not [path for path in site.rglob("*") if ".so" in path.suffixes or path.suffix in (".pyd", ".dylib")]


def test_every_module_of_the_layer_has_byte_code_of_the_functions_python(site: Path) -> None:
    modules = list(site.rglob("*.py"))
    compiled = {*site.rglob("*.pyc")}

    assert len(modules) > 300
    assert compiled == {Path(cache_from_source(path)) for path in modules}


def test_every_package_keeps_its_name_and_its_licence(site: Path) -> None:
    locked = re.findall(r"^([\w-]+)==(\S+)", (LAMBDAS / "requirements.txt").read_text(), re.MULTILINE)
    kept = {path.name: path for path in site.glob("*.dist-info")}

    assert {f"{name.replace('-', '_')}-{version}.dist-info" for name, version in locked} == set(kept)
    for folder in kept.values():
        assert (folder / "METADATA").is_file()
        assert [path for path in folder.rglob("*") if re.match("LICEN[CS]E|COPYING", path.name)], folder.name


def test_the_layer_has_no_stubs_and_no_tests_of_packages(site: Path) -> None:
    assert not [path for path in site.rglob("*") if path.suffix == ".pyi" or path.name in ("tests", "bin")]


def test_botocore_finds_the_called_services_and_no_other(site: Path) -> None:
    endpoints = json.loads((site / "botocore" / "data" / "endpoints.json").read_text())
    aws = next(each for each in endpoints["partitions"] if each["partition"] == "aws")

    assert aws["services"].keys() == {"braket", "cloudtrail", "dynamodb", "events", "s3", "sns", "sqs", "ssm"}


def test_the_layer_is_small(site: Path) -> None:
    assert sum(path.stat().st_size for path in site.rglob("*.*") if path.suffix != ".pyc") < 10_000_000


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The builder in its own folder, with an installer that copies `wheels` and counts its calls."""
    for name, path in (("BUILD", "."), ("LAYERS", "layers"), ("REQUIREMENTS", "requirements.txt")):
        monkeypatch.setattr(layer, name, tmp_path / path)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "requirements.txt").write_text("one==1\n")

    def install(site: Path, _: str) -> None:
        (site / "botocore" / "data").mkdir(parents=True)
        (site / "botocore" / "data" / "endpoints.json").write_text('{"partitions": []}')
        for path in (tmp_path / "wheels").iterdir():
            (site / path.name).write_bytes(path.read_bytes())
        with (tmp_path / "installs").open("a") as installs:
            installs.write("+")

    monkeypatch.setattr(layer, "_install", install)
    return tmp_path


def test_the_layer_is_built_again_only_when_the_requirements_change(workshop: Path) -> None:
    build_layer()
    build_layer()
    assert (workshop / "installs").read_text() == "+"

    (workshop / "requirements.txt").write_text("one==2\n")
    build_layer()

    assert (workshop / "installs").read_text() == "++"


def test_each_python_has_a_layer_of_its_own(workshop: Path) -> None:
    assert build_layer("3.11") != build_layer("3.12")
    assert (workshop / "installs").read_text() == "++"


def test_a_failed_build_leaves_no_finished_layer(workshop: Path) -> None:
    (workshop / "wheels" / "fast.cpython-314-aarch64-linux-gnu.so").touch()
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"no compiled code, but has fast\.cpython-314-aarch64-linux-gnu\.so"):
            build_layer()

    assert not [*(workshop / "layers").iterdir()]
    assert (workshop / "installs").read_text() == "++"


#: Modules that the layer does not need.
OURS = {"braket_notifier", "_typeshed", *sys.stdlib_module_names}


def _imports() -> Iterator[str]:
    """Every module that the deployed files import from the layer."""
    for path in DEPLOYED:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            tops = {each: each.partition(".")[0] for each in names}
            yield from (each for each, top in tops.items() if top not in OURS and not top.startswith("mypy_boto3_"))
