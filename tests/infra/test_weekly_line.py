"""The sweep's rights for the weekly line, which goes to the alarms' addresses where no Slack channel gets it."""

from collections.abc import Callable
from pathlib import Path

from security.statements import statements
from tests.infra.template import Synth, Template

MAIL_ALONE = """
home = "eu-north-1"
regions = ["eu-north-1"]

[channels.mail]
type = "email"
to = ["lab@example.org"]
"""


def rights_for_the_line(template: Template) -> list[str]:
    found = [each for each in statements(template.content) if each.of == "SweepRole" and each.effect == "Allow"]
    writes = [str(each) for each in found if "dynamodb:UpdateItem" in each.actions and "Deliveries" in str(each)]
    return writes + [str(each) for each in found if "sns:Publish" in each.actions]


def test_without_slack_the_sweep_publishes_to_the_alarms_and_writes_its_own_rows_of_deliveries(
    synthesised: Synth, tmp_path: Path
) -> None:
    path = tmp_path / "lab.toml"
    path.write_text(MAIL_ALONE)

    rows = '{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["[alarms]#*"]}}'
    assert rights_for_the_line(synthesised(path)) == [
        f"Allow dynamodb:UpdateItem on StorageDeliveries.Arn if {rows}",
        "Allow sns:Publish on AlarmsTopic",
    ]


def test_with_slack_the_sweep_may_neither_publish_nor_write_a_row_of_deliveries(
    of_variant: Callable[[str], Template],
) -> None:
    assert rights_for_the_line(of_variant("alarms")) == []
