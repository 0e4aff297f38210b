"""A device's capabilities in Braket's own schemas, so that amazon-braket-sdk can read them."""

import json
from typing import Any

from local.braket.aquila import AQUILA
from local.braket.devices import AHS, MAX_EXECUTABLES, MAX_PROGRAM_SET_SHOTS, OPENQASM, PROGRAM_SET, Device
from local.braket.prices import per_shot

UPDATED_AT = "2026-01-01T00:00:00"
GATES = ["h", "x", "y", "z", "rx", "ry", "rz", "cnot", "cz", "swap"]
OBSERVABLES = ["x", "y", "z", "h", "i"]
#: Results that every gate device computes from its shots; PennyLane and Qiskit refuse a device without any.
RESULT_TYPES = [
    {"name": name, "observables": OBSERVABLES, "minShots": 1, "maxShots": 100_000}
    for name in ("Sample", "Expectation", "Variance", "Probability")
]


def capabilities(device: Device) -> str:
    family = device.family
    known: dict[str, Any] = {
        "braketSchemaHeader": _header(f"{family}.{_KIND.get(family, f'{family}_device_capabilities')}"),
        "service": _service(device),
        "action": {action: _ACTIONS[action] for action in device.actions},
        "deviceParameters": {},
        "paradigm": _paradigm(device),
    }
    if family == "aqt":
        known |= _AQT
    return json.dumps(known)


_KIND = {"simulators": "gate_model_simulator_device_capabilities"}

_ACTIONS: dict[str, dict[str, Any]] = {
    OPENQASM: {
        "actionType": OPENQASM,
        "version": ["1"],
        "supportedOperations": GATES,
        "supportedResultTypes": RESULT_TYPES,
    },
    PROGRAM_SET: {
        "actionType": PROGRAM_SET,
        "version": ["1"],
        "maximumExecutables": MAX_EXECUTABLES,
        "maximumTotalShots": MAX_PROGRAM_SET_SHOTS,
    },
    AHS: {"actionType": AHS, "version": ["1"]},
}


def _header(name: str, version: str = "1") -> dict[str, str]:
    return {"name": f"braket.device_schema.{name}", "version": version}


def _service(device: Device) -> dict[str, Any]:
    service: dict[str, Any] = {
        "braketSchemaHeader": _header("device_service_properties"),
        "executionWindows": [
            {"executionDay": day, "windowStartHour": begins, "windowEndHour": ends}
            for day, begins, ends in device.windows
        ],
        "shotsRange": device.shots,
        "deviceDocumentation": {"summary": f"{device.name} of {device.provider}, as the local emulator has it"},
        "updatedAt": UPDATED_AT,
        "getTaskPollIntervalMillis": 200,
    }
    if shot := per_shot(device):
        service["deviceCost"] = {"price": float(shot), "unit": "shot"}
    if device.reserved_shots:
        service["reservationShotsRange"] = device.reserved_shots
    return service


def _paradigm(device: Device) -> dict[str, Any]:
    if device.family == "quera":
        return AQUILA
    if not device.is_qpu:
        header = _header("simulators.gate_model_simulator_paradigm_properties")
        return {"braketSchemaHeader": header, "qubitCount": device.qubits}
    return {
        "braketSchemaHeader": _header("gate_model_qpu_paradigm_properties"),
        "qubitCount": device.qubits,
        "nativeGateSet": device.native_gates,
        "connectivity": {
            "fullyConnected": device.all_to_all,
            "connectivityGraph": {} if device.all_to_all else _line(device.qubits),
        },
    }


def _line(qubits: int) -> dict[str, list[str]]:
    """Each qubit beside the next: not the real lattice, but a connected one."""
    return {str(i): [str(j) for j in (i - 1, i + 1) if 0 <= j < qubits] for i in range(qubits)}


def _known(value: float) -> dict[str, float]:
    return {"value": value, "uncertainty": 0.0001}


_AQT = {
    "provider": {
        "braketSchemaHeader": _header("aqt.aqt_provider_properties"),
        "properties": {
            "single_qubit_gate_fidelity": {str(i): _known(0.999) for i in range(12)},
            "mean_two_qubit_gate_fidelity": _known(0.98),
            "spam_fidelity_lower_bound": 0.99,
            "t2_coherence_time_s": _known(0.3),
            "t1_s": _known(1.1),
            "readout_time_micros": 3000,
            "single_qubit_gate_duration_micros": 15,
            "two_qubit_gate_duration_micros": 200,
            "updated_at": UPDATED_AT,
        },
    },
    "standardized": {"braketSchemaHeader": _header("standardized_gate_model_qpu_device_properties", "3")},
}
