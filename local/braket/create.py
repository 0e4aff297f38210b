"""Requests for new tasks and jobs, and Braket's refusals of them."""

import json
from collections.abc import Mapping
from typing import Any

from local.braket.answers import asked_executables
from local.braket.devices import MAX_EXECUTABLES, MAX_PROGRAM_SET_SHOTS, PROGRAM_SET, Device
from local.braket.errors import BraketError, invalid
from local.braket.script import CreateRequest

Asked = Mapping[str, Any]
Action = Mapping[str, Any]


def task_request(
    asked: Asked, region: str, devices: Mapping[str, Device], job_arn: str | None
) -> tuple[CreateRequest, Action]:
    device = _accepting_device(asked["deviceArn"], region, devices)
    action = _action(asked["action"], device)
    _check_shots(asked, action, device)
    _check_device_parameters(asked)
    tags = _tags(asked)
    request = CreateRequest(
        kind="task",
        region=region,
        device=device.arn,
        name=tags.get("Name", ""),
        tags=tags,
        shots=asked["shots"],
        action_type=action["braketSchemaHeader"]["name"],
        job_arn=job_arn,
        body=asked,
    )
    return request, action


def job_request(asked: Asked, region: str, devices: Mapping[str, Device]) -> CreateRequest:
    device = asked["deviceConfig"]["device"]
    if not device.startswith("local:"):  # an embedded simulator runs inside the job
        _accepting_device(device, region, devices)
    algorithm = asked["algorithmSpecification"]
    if "scriptModeConfig" not in algorithm and "containerImage" not in algorithm:
        raise invalid("algorithmSpecification needs scriptModeConfig or containerImage.")
    return CreateRequest(
        kind="job",
        region=region,
        device=device,
        name=asked["jobName"],
        tags=_tags(asked),
        shots=0,
        action_type="",
        job_arn=None,
        body=asked,
    )


def _tags(asked: Asked) -> Mapping[str, str]:
    tags: Mapping[str, str] = asked.get("tags", {})
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid("Tag keys that begin with aws: are reserved for AWS.")
    return tags


def _accepting_device(arn: str, region: str, devices: Mapping[str, Device]) -> Device:
    device = devices.get(arn)
    if device is None or not device.is_in(region):
        raise invalid(f"Device {arn} was not found in {region}.")
    if device.status == "RETIRED":
        raise BraketError("DeviceRetiredException", f"Device {arn} is retired.")
    if device.status == "OFFLINE":
        raise BraketError("DeviceOfflineException", f"Device {arn} is offline.")
    return device


def _action(text: str, device: Device) -> Action:
    action = _json_object("action", text)
    header = action.get("braketSchemaHeader")
    kind = header.get("name") if isinstance(header, dict) else None
    if kind not in device.actions:
        raise invalid(f"Device {device.arn} supports the actions {', '.join(device.actions)}, not {kind}.")
    if kind == PROGRAM_SET:
        _check_program_set(action)
    return action


def _check_program_set(action: Action) -> None:
    programs = action.get("programs")
    if not isinstance(programs, list) or not programs or not all(map(_is_program, programs)):
        raise invalid("A program set has programs, each with a source and inputs that are lists of equal length.")
    if sum(asked_executables(action)) > MAX_EXECUTABLES:
        raise invalid(f"A program set has at most {MAX_EXECUTABLES} executables.")


def _is_program(program: object) -> bool:
    if not isinstance(program, dict) or not isinstance(program.get("source"), str):
        return False
    inputs = program.get("inputs") or {}
    if not isinstance(inputs, dict) or not all(isinstance(values, list) for values in inputs.values()):
        return False
    return len({len(values) for values in inputs.values()}) <= 1


def _check_shots(asked: Asked, action: Action, device: Device) -> None:
    least, most = device.shots_range(reserved=bool(asked.get("associations")))
    if action["braketSchemaHeader"]["name"] == PROGRAM_SET:
        least, most = max(least, sum(asked_executables(action))), MAX_PROGRAM_SET_SHOTS
    if not least <= asked["shots"] <= most:
        raise invalid(f"Device {device.arn} takes {least} to {most} shots here, not {asked['shots']}.")


def _check_device_parameters(asked: Asked) -> None:
    if "deviceParameters" in asked:
        _json_object("deviceParameters", asked["deviceParameters"])


def _json_object(name: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid(f"{name} is not JSON.") from error
    if not isinstance(value, dict):
        raise invalid(f"{name} is not a JSON object.")
    return value
