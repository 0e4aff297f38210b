"""Two installations of one account share nothing: no metric, no physical name, no export, no parameter."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from security.variants import settings as settings_of
from tests.infra.template import Synth, Template

#: Names inside a resource.
INSIDE = {"MetricName", "PolicyName", "DisplayName"}  # the last is the sender that people read
#: The parameter of CDK's own stack, which both installations only read.
OF_CDK = {"/cdk-bootstrap/hnb659fds/version"}

Pair = tuple[Template, Template]


@pytest.fixture(scope="module")
def pair(synthesised: Synth, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The templates of two installations with the same settings: a dashboard, alarms and a key of their own."""
    folder = tmp_path_factory.mktemp("names")
    text = settings_of("own-key", folder).read_text()
    paths = {name: folder / f"{name}.toml" for name in ("lab", "course")}
    for name, path in paths.items():
        path.write_text(f'name = "{name}"\n{text}')
    first, second = (synthesised(path) for path in paths.values())
    return first, second


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a template with the key that it stands under; references are read in plain words."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    elif isinstance(value, str):
        yield key, value


def stacks(template: Template) -> Iterator[Template]:
    for path in sorted(template.assembly.glob("*.template.json")):
        yield template.beside(path.name.removesuffix(".template.json"))


def named(template: Template) -> set[str]:
    """The physical names of resources; a reference to another resource is no name."""
    return {
        text
        for stack in stacks(template)
        for kind in {each["Type"] for each in stack.content["Resources"].values()}
        for properties in stack.of(kind.removeprefix("AWS::")).values()
        for key, text in ((key, stack.read(value)) for key, value in properties.items())
        if key.endswith("Name") and key not in INSIDE and isinstance(properties[key], str)
    }


def measured(template: Template) -> set[tuple[str, ...]]:
    """The metrics of alarms, filters, functions and the dashboard, as namespace, name and dimensions."""
    alarms = [
        each.get("Metrics") or [{"MetricStat": {"Metric": each}}] for each in template.of("CloudWatch::Alarm").values()
    ]
    watched = [each["MetricStat"]["Metric"] for metrics in alarms for each in metrics if "MetricStat" in each]
    counted = [each["MetricTransformations"][0] for each in template.of("Logs::MetricFilter").values()]
    functions = [each["Environment"]["Variables"] for each in template.of("Lambda::Function").values()]
    [dashboard] = template.of("CloudWatch::Dashboard").values()
    widgets = json.loads(template.read(dashboard["DashboardBody"]))["widgets"]
    shown = [metric for widget in widgets for metric in widget["properties"].get("metrics", []) if len(metric) > 1]
    return {
        *((each["Namespace"], each["MetricName"], str(each.get("Dimensions"))) for each in watched),
        *((each["MetricNamespace"], each["MetricName"]) for each in counted),
        *((each["POWERTOOLS_METRICS_NAMESPACE"],) for each in functions),
        *(tuple(each for each in metric if isinstance(each, str)) for metric in shown),
    }


def parameters(template: Template) -> set[str]:
    """The parameters of the functions' secrets, and those that the template itself reads."""
    texts = [text for stack in stacks(template) for _, text in leaves(stack.read(stack.content["Resources"]))]
    secrets = {found for text in texts for found in re.findall(r"(?:^ssm:|:parameter)(/[\w./-]+)", text)}
    read = {each["Default"] for each in template.content.get("Parameters", {}).values() if "Default" in each}
    return (secrets | read) - OF_CDK


def exported(template: Template) -> set[str]:
    outputs = [each for stack in stacks(template) for each in stack.content.get("Outputs", {}).values()]
    return {template.read(each["Export"]["Name"]) for each in outputs if "Export" in each}


@pytest.mark.parametrize("found", [named, measured, parameters], ids=lambda each: each.__name__)
def test_two_names_share_nothing_and_each_contains_its_name(pair: Pair, found: Callable[[Template], set[Any]]) -> None:
    lab, course = (found(each) for each in pair)

    assert lab
    assert len(lab) == len(course)
    assert lab & course == set()
    assert all("lab" in str(each) for each in lab)


def test_two_names_share_no_export(pair: Pair) -> None:
    lab, course = (exported(each) for each in pair)

    assert lab & course == set()


def test_the_second_installation_is_the_first_under_another_name(pair: Pair) -> None:
    """Without a text in which only one of the two has the name."""
    lab, course = ({str(each) for each in named(template)} for template in pair)

    assert {each.replace("lab", "course") for each in lab} == course
