"""Names of Braket's devices."""

import pytest

from braket_notifier.braket.devices import Device, device


@pytest.mark.parametrize(
    ("arn", "names"),
    [
        (
            "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet",
            Device("Garnet", "IQM Garnet", "Garnet", "IQM Garnet", "QPU"),
        ),
        # the name with its provider is too long for a phone
        (
            "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q",
            Device("Cepheus-1", "Rigetti Cepheus-1-108Q", "Cepheus-1-108Q", "Cepheus-1", "QPU"),
        ),
        ("arn:aws:braket:::device/quantum-simulator/amazon/sv1", Device("SV1", "SV1", "SV1", "SV1", "simulator")),
        # a device that is newer than the table, and a device of an unknown provider
        (
            "arn:aws:braket:us-east-1::device/qpu/ionq/Two-9",
            Device("Two-9", "IonQ Two-9", "Two-9", "IonQ Two-9", "QPU"),
        ),
        (
            "arn:aws:braket:us-east-1::device/qpu/newmaker/One",
            Device("One", "Newmaker One", "One", "Newmaker One", "QPU"),
        ),
        # the local device of a hybrid job
        ("local:pennylane/lightning.qubit", Device(*["local:pennylane/lightning.qubit"] * 4)),
        ("", Device("", "", "", "")),  # the event of a hybrid job names no device
        ("d" * 61, Device(*["d" * 59 + "…"] * 4)),
    ],
)
def test_a_device_has_the_names_that_people_use(arn: str, names: Device) -> None:
    assert device(arn) == names
