"""What people call Braket's devices."""

import pytest

from braket_notifier.braket.devices import Device, device


@pytest.mark.parametrize(
    ("arn", "named"),
    [
        (
            "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet",
            Device("Garnet", "IQM Garnet", "Garnet", "IQM Garnet", "QPU"),
        ),
        # with its provider it is too long for a phone
        (
            "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q",
            Device("Cepheus-1", "Rigetti Cepheus-1-108Q", "Cepheus-1-108Q", "Cepheus-1", "QPU"),
        ),
        ("arn:aws:braket:::device/quantum-simulator/amazon/sv1", Device("SV1", "SV1", "SV1", "SV1", "simulator")),
        # one that came after this table, and one of a maker that did
        (
            "arn:aws:braket:us-east-1::device/qpu/ionq/Two-9",
            Device("Two-9", "IonQ Two-9", "Two-9", "IonQ Two-9", "QPU"),
        ),
        (
            "arn:aws:braket:us-east-1::device/qpu/newmaker/One",
            Device("One", "Newmaker One", "One", "Newmaker One", "QPU"),
        ),
        # a hybrid job's own device
        ("local:pennylane/lightning.qubit", Device(*["local:pennylane/lightning.qubit"] * 4)),
        ("", Device("", "", "", "")),  # a job's event names none: nothing is said of it
        ("d" * 61, Device(*["d" * 59 + "…"] * 4)),
    ],
)
def test_a_device_is_called_what_people_call_it(arn: str, named: Device) -> None:
    assert device(arn) == named
