"""Qiskit and PennyLane, unchanged, opt in to notifications; the named channel would receive each task's end.

Run from the project's root: .venv/bin/python -m tests.e2e.frameworks.run
"""

import sys
from pathlib import Path

from local.braket.emulator import Clock
from local.cloud.cloud import Cloud
from tests.e2e.clients.run import check_opt_in, emulator, environment, install

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[2] / "build" / "frameworks"


def main() -> int:
    install(HERE / "requirements.txt", ENVIRONMENT, "Qiskit and PennyLane")
    with Cloud() as cloud, emulator(cloud, Clock()) as braket:
        settings = environment(braket.url, cloud.url)
        wrong = check_opt_in(braket, settings, ENVIRONMENT / "bin/python", HERE / "opt_in.py")
    print("every check passed" if not wrong else "some checks failed")  # noqa: T201
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
