"""The devices the emulator knows, as Braket lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

REGIONS = ("us-east-1", "us-west-1", "us-west-2", "eu-west-2", "eu-north-1")
SIMULATOR_REGIONS = REGIONS[:4]  # eu-north-1 has no on-demand simulators

OPENQASM = "braket.ir.openqasm.program"
PROGRAM_SET = "braket.ir.openqasm.program_set"
AHS = "braket.ir.ahs.program"
MAX_EXECUTABLES = 100
MAX_PROGRAM_SET_SHOTS = 200_000


@dataclass(frozen=True, kw_only=True)
class Device:
    """A QPU or simulator."""

    arn: str
    name: str
    provider: str
    family: str  # the provider's name in Braket's capability schemas
    shots: tuple[int, int]
    reserved_shots: tuple[int, int] | None = None  # overrides `shots` under a reservation
    qubits: int
    native_gates: tuple[str, ...] = ()
    all_to_all: bool = False
    status: Literal["ONLINE", "OFFLINE", "RETIRED"] = "ONLINE"

    @property
    def is_qpu(self) -> bool:
        return ":device/qpu/" in self.arn

    @property
    def actions(self) -> tuple[str, ...]:
        return (AHS,) if self.family == "quera" else (OPENQASM, PROGRAM_SET)

    def shots_range(self, *, reserved: bool) -> tuple[int, int]:
        return (self.reserved_shots or self.shots) if reserved else self.shots

    def is_in(self, region: str) -> bool:
        """A QPU is in its own region. A simulator (no region in its ARN) is in most regions."""
        home = self.arn.split(":")[3]
        return region == home if home else region in SIMULATOR_REGIONS


def _simulator(name: str, qubits: int) -> Device:
    return Device(
        arn=f"arn:aws:braket:::device/quantum-simulator/amazon/{name.lower()}",
        name=name,
        provider="Amazon Braket",
        family="simulators",
        shots=(0, 50_000),
        qubits=qubits,
    )


def _iqm(name: str, qubits: int) -> Device:
    return Device(
        arn=f"arn:aws:braket:eu-north-1::device/qpu/iqm/{name}",
        name=name,
        provider="IQM",
        family="iqm",
        shots=(1, 20_000),
        qubits=qubits,
        native_gates=("prx", "cz"),
    )


def _ionq(name: str, status: Literal["ONLINE", "RETIRED"], qubits: int) -> Device:
    return Device(
        arn=f"arn:aws:braket:us-east-1::device/qpu/ionq/{name.replace(' ', '-')}",
        name=name,
        provider="IonQ",
        family="ionq",
        shots=(100, 5_000),
        reserved_shots=(1, 5_000),
        qubits=qubits,
        native_gates=("gpi", "gpi2", "zz"),
        all_to_all=True,
        status=status,
    )


_ALL = (
    _simulator("SV1", 34),
    _simulator("DM1", 17),
    _iqm("Garnet", 20),
    _iqm("Emerald", 54),
    _ionq("Forte 1", "ONLINE", 36),
    _ionq("Aria 1", "RETIRED", 25),
    Device(
        arn="arn:aws:braket:us-east-1::device/qpu/quera/Aquila",
        name="Aquila",
        provider="QuEra",
        family="quera",
        shots=(1, 1_000),
        qubits=256,
    ),
    Device(
        arn="arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q",
        name="Cepheus-1-108Q",
        provider="Rigetti",
        family="rigetti",
        shots=(1, 50_000),
        qubits=108,
        native_gates=("rx", "rz", "cz"),
    ),
    Device(
        arn="arn:aws:braket:eu-north-1::device/qpu/aqt/Ibex-Q1",
        name="IBEX-Q1",
        provider="AQT",
        family="aqt",
        shots=(1, 2_000),
        qubits=12,
        native_gates=("prx", "xx", "rz"),
        all_to_all=True,
    ),
)
DEVICES: Mapping[str, Device] = {device.arn: device for device in _ALL}
