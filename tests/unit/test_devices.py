"""What people call Braket's devices."""

import pytest

from notifier.devices import Device, device


@pytest.mark.parametrize(
    ("arn", "named"),
    [
        ("arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet", Device("Garnet", "IQM Garnet", "QPU")),
        ("arn:aws:braket:::device/quantum-simulator/amazon/sv1", Device("SV1", "SV1", "simulator")),
        # one that came after this table
        ("arn:aws:braket:us-east-1::device/qpu/ionq/Two-9", Device("Two-9", "Ionq Two-9", "QPU")),
        # a hybrid job's own device
        (
            "local:pennylane/lightning.qubit",
            Device("local:pennylane/lightning.qubit", "local:pennylane/lightning.qubit"),
        ),
        ("", Device("no device", "no device")),
        ("d" * 61, Device("d" * 59 + "…", "d" * 59 + "…")),
    ],
)
def test_a_device_is_called_what_people_call_it(arn: str, named: Device) -> None:
    assert device(arn) == named
