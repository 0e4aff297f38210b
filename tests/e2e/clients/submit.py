"""Submit quantum tasks with amazon-braket-sdk, in its own environment: `submit.py NUMBER`."""

import sys

from braket.aws import AwsDevice
from braket.circuits import Circuit

DEVICES = (
    "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet",
    "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1",
    "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q",
)


def main(number: int) -> None:
    devices = [AwsDevice(arn) for arn in DEVICES]
    bell = Circuit().h(0).cnot(0, 1)
    for each in range(number):
        where = ("amazon-braket-results", f"own/{each}")
        devices[each % len(devices)].run(bell, where, shots=100, tags={"Name": f"own-{each}"})


if __name__ == "__main__":
    main(int(sys.argv[1]))
