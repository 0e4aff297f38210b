"""CDK's bootstrap is needed at home only, unless the settings or the organisation want it in every region."""

import pytest

from braket_notifier.settings.bootstrap import bootstrap_of


@pytest.mark.parametrize(
    ("setting", "own_qualifier", "expected"),
    [
        # Nobody has said anything: one bootstrap is enough.
        ("", "", "home"),
        ("", None, "home"),
        # An organisation bootstraps its regions, and bounds what people may do themselves.
        ("", "lab42", "every-region"),
        # The settings win.
        ("home", "lab42", "home"),
        ("every-region", "", "every-region"),
    ],
)
def test_the_settings_decide_otherwise_the_organisations_qualifier(
    setting: str, own_qualifier: str | None, expected: str
) -> None:
    assert bootstrap_of(setting, own_qualifier) == expected
