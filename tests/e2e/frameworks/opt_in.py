"""Create quantum tasks with Qiskit and PennyLane in each documented way of opting in, and print them.

It runs in the frameworks' own environment, with `examples/notebook` in its path.
"""

import json
import sys
from typing import Any

import pennylane as qml
from braket.aws import AwsSession
from braket_notify import always, notify
from qiskit import QuantumCircuit
from qiskit_braket_provider import BraketProvider, BraketSampler

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
AQUILA = "arn:aws:braket:us-east-1::device/qpu/quera/Aquila"
CEPHEUS = "Cepheus-1-108Q"
#: ARNs of all quantum tasks, in the order of their creation; PennyLane's devices name only some of their tasks.
CREATED: list[str] = []


def created(bucket: str) -> dict[str, list[str]]:
    """The ARNs of each way."""
    create = AwsSession.create_quantum_task

    def recorded(session: Any, **request: Any) -> str:
        CREATED.append(create(session, **request))
        return CREATED[-1]

    AwsSession.create_quantum_task = recorded
    return {**by_qiskit(bucket), **by_pennylane(bucket)}


def by_qiskit(bucket: str) -> dict[str, list[str]]:
    bell = QuantumCircuit(2)
    bell.h(0)
    bell.cx(0, 1)
    bell.measure_all()
    provider, options = BraketProvider(), {"s3_destination_folder": (bucket, "qiskit"), "tags": notify("mail")}
    task = provider.get_backend("SV1").run(bell, shots=10, **options)
    sampled = BraketSampler(provider.get_backend(CEPHEUS), **options).run([bell], shots=10)
    return {"Qiskit's backend.run": task.task_id().split(";"), "Qiskit's Sampler": [each.id for each in sampled.tasks]}


def by_pennylane(bucket: str) -> dict[str, list[str]]:
    device: dict[str, Any] = {"wires": 2, "s3_destination_folder": (bucket, "pennylane")}
    spin = qml.numpy.array(0.3, requires_grad=True)
    qubits = qml.device("braket.aws.qubit", device_arn=SV1, **device, tags=notify("mail"))
    qml.set_shots(qml.QNode(_rotation, qubits), shots=10)(spin)

    always(notify("mail", batch="rydberg"))
    atoms = qml.device("braket.aws.ahs", device_arn=AQUILA, **device)
    qml.set_shots(qml.QNode(_pulse, atoms), shots=10)()
    return {"PennyLane's device": CREATED[-2:-1], "every call of PennyLane's AHS device": CREATED[-1:]}


def _rotation(spin: float) -> Any:
    qml.RX(spin, wires=0)
    return qml.expval(qml.PauliZ(0))


def _pulse() -> Any:
    """A pulse of one microsecond on two atoms; amplitudes in MHz, distances in micrometres."""
    atoms = qml.pulse.rydberg_interaction([[0.0, 0.0], [0.0, 5.5]], [0, 1])
    drive = qml.pulse.rydberg_drive(amplitude=0.4, phase=0.0, detuning=0.0, wires=[0, 1])
    qml.evolve(atoms + drive)([], t=1.0)
    return qml.counts()


if __name__ == "__main__":
    json.dump(created(sys.argv[1]), sys.stdout)
