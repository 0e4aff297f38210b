"""The results of a quantum task in Braket's schemas, written when it ends."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from local.braket.answers import directory, executables, iso, usable_shots
from local.braket.devices import AHS, PROGRAM_SET
from local.braket.resource import Resource
from local.braket.script import FailedExecutable

_REGISTER = re.compile(r"\bqubit\s*\[\s*(\d{1,3})\s*\]")
_MOST_QUBITS = 256
#: Shots that are written one by one; more of them would take megabytes.
_MOST_ROWS = 10_000
_SOURCE = {"braketSchemaHeader": {"name": "braket.ir.openqasm.program", "version": "1"}}
_PHYSICAL = re.compile(r"\$(\d{1,3})\b")


def results_of(task: Resource) -> dict[str, bytes]:
    """The files of the task's folder, results.json last; of tasks without success only a program set has some."""
    kind = task.asked.action_type
    if task.status == "CANCELLED" or (task.status == "FAILED" and kind != PROGRAM_SET):
        return {}
    results = {PROGRAM_SET: _program_set, AHS: _analog}.get(kind, _gate_model)(task)
    spread = kind == PROGRAM_SET and ":device/qpu/" in task.asked.device
    files = _spread(task, results) if spread else {"results.json": results}
    return {path: json.dumps(content).encode() for path, content in files.items()}


def _spread(task: Resource, results: dict[str, Any]) -> dict[str, Any]:
    """Spread a program set's results over files, as Braket does for a QPU; each names others by relative paths."""
    files = {"metadata.json": results["taskMetadata"]}
    for place, program in enumerate(results["programResults"]):
        folder, parts = f"programs/{place}", dict(enumerate(program["executableResults"]))
        files[f"{folder}/program.json"] = _SOURCE | program["source"]
        files |= {f"{folder}/executables/{index}.json": part for index, part in parts.items()}
        names = [f"executables/{index}.json" for index in parts]
        files[f"{folder}/results.json"] = program | {"source": "program.json", "executableResults": names}
    files["results.json"] = results | {
        "taskMetadata": "metadata.json",
        "programResults": [f"programs/{place}/results.json" for place in range(len(results["programResults"]))],
        "s3Location": [task.asked.body["outputS3Bucket"], directory(task)],
    }
    return files


def _header(name: str) -> dict[str, dict[str, str]]:
    return {"braketSchemaHeader": {"name": f"braket.task_result.{name}", "version": "1"}}


def _metadata(task: Resource) -> dict[str, Any]:
    return _header("task_metadata") | {
        "id": task.arn,
        "shots": task.asked.shots,
        "deviceId": task.asked.device,
        "createdAt": iso(task.created_at),
        "endedAt": iso(task.ended_at or task.created_at),
        "status": task.status,
    }


def _gate_model(task: Resource) -> dict[str, Any]:
    additional: dict[str, Any] = {"action": task.action}
    if ":device/qpu/" not in task.asked.device:
        ran = (task.ended_at or task.born) - (task.started_at or task.born)
        milliseconds = max(1, int(ran.total_seconds() * 1000))
        additional["simulatorMetadata"] = _header("simulator_metadata") | {"executionDuration": milliseconds}
    common = {"taskMetadata": _metadata(task), "additionalMetadata": additional}
    if task.asked.shots == 0:  # a simulator's exact run has result types instead of measurements
        return _header("gate_model_task_result") | common | {"resultTypes": []}
    by_ionq, shots = ":device/qpu/ionq/" in task.asked.device, usable_shots(task)
    measured = _measured(str(task.action.get("source", "")), shots, as_probabilities=by_ionq or shots > _MOST_ROWS)
    return _header("gate_model_task_result") | common | measured


def _measured(source: str, shots: int, *, as_probabilities: bool = False) -> dict[str, Any]:
    """The qubits are all 0 or all 1, each in half of the shots, but for one flipped qubit in 4 % of the shots."""
    declared = sum(int(size) for size in _REGISTER.findall(source))
    qubits = [*range(min(declared, _MOST_QUBITS))] or sorted({int(index) for index in _PHYSICAL.findall(source)}) or [0]
    counts = _counts(len(qubits), shots)
    if as_probabilities:
        return {"measurementProbabilities": {bits: n / shots for bits, n in counts.items()}, "measuredQubits": qubits}
    return {"measurements": _rows(counts), "measuredQubits": qubits}


def _rows(counts: Counter[str]) -> list[list[int]]:
    return [[*map(int, bits)] for bits, count in counts.items() for _ in range(count)]


def _counts(qubits: int, shots: int) -> Counter[str]:
    flipped = shots // 25
    zeros = (shots - flipped) // 2
    counts = Counter({"0" * qubits: zeros})
    counts["1" * qubits] += shots - flipped - zeros
    # Half of the flips are the first qubit's, half of the rest the second one's, and so on.
    for place in range(qubits):
        now = flipped if place == qubits - 1 else flipped // 2
        counts["0" * place + "1" + "0" * (qubits - place - 1)] += now
        flipped -= now
    return +counts


def _analog(task: Resource) -> dict[str, Any]:
    """Every site is filled; the atoms are measured like qubits. The failed shots come last."""
    sites = _sites(task.action)
    usable = usable_shots(task)
    good = [
        {"shotMetadata": {"shotStatus": "Success"}, "shotResult": {"preSequence": [1] * sites, "postSequence": after}}
        for after in _rows(_counts(sites, usable))
    ]
    failed = {"shotMetadata": {"shotStatus": "No data"}, "shotResult": {}}
    return _header("analog_hamiltonian_simulation_task_result") | {
        "taskMetadata": _metadata(task),
        "measurements": good + [failed] * (task.asked.shots - usable),
        "additionalMetadata": {
            "action": task.action,
            "queraMetadata": _header("quera_metadata") | {"numSuccessfulShots": usable},
        },
    }


def _sites(action: Mapping[str, Any]) -> int:
    """Count one atom for an analog program without sites, because the emulator does not check programs."""
    try:
        return min(max(1, len(action["setup"]["ahs_register"]["sites"])), _MOST_QUBITS)
    except (KeyError, TypeError):
        return 1


def _program_set(task: Resource) -> dict[str, Any]:
    """Everything in one document, as a simulator on the user's machine writes it."""
    failed = {(failure.program, failure.inputs_index): failure for failure in task.script.failed_executables}
    programs = task.action["programs"]
    places = [[(p, i) for i in range(size)] for p, size in enumerate(executables(task))]
    lost = sum(place in failed for program in places for place in program)
    each = task.asked.shots // sum(map(len, places))
    return _header("program_set_task_result") | {
        "programResults": [
            _program(programs[p % len(programs)], [failed.get(place) for place in program], each)
            for p, program in enumerate(places)
        ],
        "taskMetadata": _header("program_set_task_metadata")
        | {
            "id": task.arn,
            "deviceId": task.asked.device,
            "requestedShots": task.asked.shots,
            "successfulShots": usable_shots(task),
            "programMetadata": [
                {"executables": [_failure(f) if f else {} for f in (failed.get(place) for place in program)]}
                for program in places
            ],
            "createdAt": iso(task.created_at),
            "endedAt": iso(task.ended_at or task.created_at),
            "status": task.status,
            "totalFailedExecutables": lost,
        },
    }


def _program(program: dict[str, Any], failures: list[FailedExecutable | None], shots: int) -> dict[str, Any]:
    measured = _measured(str(program.get("source", "")), shots)
    return _header("program_result") | {
        "source": program,
        "executableResults": [
            _header("program_set_executable_failure") | {"inputsIndex": index, "failureMetadata": _failure(failure)}
            if failure
            else _header("program_set_executable_result") | {"inputsIndex": index} | measured
            for index, failure in enumerate(failures)
        ],
        "additionalMetadata": {},
    }


def _failure(failure: FailedExecutable) -> dict[str, Any]:
    return {"failureReason": failure.reason, "retryable": failure.retryable, "category": failure.category}
