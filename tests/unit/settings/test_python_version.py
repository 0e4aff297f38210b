"""The functions' Python follows the settings, then the machine, and is always one that Lambda has."""

import pytest

from braket_notifier.settings.python_version import SUPPORTED, functions_python


@pytest.mark.parametrize(
    ("setting", "machine", "expected"),
    [
        ("machine", "3.11", "3.11"),
        ("machine", "3.14", "3.14"),
        # Lambda does not have it, so the newest takes its place.
        ("machine", "3.15", "3.14"),
        ("machine", "3.10", "3.14"),
        # Whatever machine deploys.
        ("3.13", "3.11", "3.13"),
        ("3.13", "3.15", "3.13"),
    ],
)
def test_the_functions_python_is_the_settings_or_the_machines_or_the_newest(
    setting: str, machine: str, expected: str
) -> None:
    assert functions_python(setting, machine) == expected


def test_the_newest_python_comes_last() -> None:
    assert sorted(SUPPORTED, key=lambda each: int(each.partition(".")[2])) == list(SUPPORTED)
