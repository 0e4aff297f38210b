"""The devices the emulator knows, as Braket lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    windows: tuple[tuple[str, str, str], ...] = (("Everyday", "00:00:00", "23:59:59"),)
    """The hours in UTC in which it runs tasks, after Braket's word for their days."""

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


def _qpu(region: str, provider: str, name: str, shots: tuple[int, int], qubits: int, gates: str) -> Device:
    family = provider.lower()
    return Device(
        arn=f"arn:aws:braket:{region}::device/qpu/{family}/{name.replace(' ', '-')}",
        name=name,
        provider=provider,
        family=family,
        shots=shots,
        qubits=qubits,
        native_gates=tuple(gates.split()),
    )


def _ions(device: Device) -> Device:
    """Any qubit of trapped ions can meet any other."""
    return replace(device, all_to_all=True)


_FORTE = _ions(_qpu("us-east-1", "IonQ", "Forte 1", (100, 5_000), 36, "gpi gpi2 zz"))
_ARIA = _ions(_qpu("us-east-1", "IonQ", "Aria 1", (100, 5_000), 25, "gpi gpi2 zz"))
_IBEX = _ions(_qpu("eu-north-1", "AQT", "Ibex-Q1", (1, 2_000), 12, "prx xx rz"))
_ALL = (
    _simulator("SV1", 34),
    _simulator("DM1", 17),
    _qpu("eu-north-1", "IQM", "Garnet", (1, 20_000), 20, "prx cz"),
    _qpu("eu-north-1", "IQM", "Emerald", (1, 20_000), 54, "prx cz"),
    replace(_FORTE, reserved_shots=(1, 5_000)),
    replace(_ARIA, reserved_shots=(1, 5_000), status="RETIRED"),
    _qpu("us-east-1", "QuEra", "Aquila", (1, 1_000), 256, ""),
    _qpu("us-west-1", "Rigetti", "Cepheus-1-108Q", (1, 50_000), 108, "rx rz cz"),
    replace(_IBEX, name="IBEX-Q1"),
)
DEVICES: Mapping[str, Device] = {device.arn: device for device in _ALL}
