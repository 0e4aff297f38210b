"""The refusals and the errors that count as caused by a missing permission."""

import pytest

from security.permission_trials import is_error_of, is_refusal_of

TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/snapshots"
REFUSED = f"observe-role dynamodb:Query {TABLE}/index/parent"
BUCKET = "arn:aws:s3:::results"
ERROR = "AccessDeniedException: An error occurred (AccessDeniedException) when calling the Query operation: no"


@pytest.mark.parametrize(
    ("refusal", "role", "action", "resource", "is_it"),
    [
        (REFUSED, "observe-role", "dynamodb:Query", f"{TABLE}/index/parent", True),
        (REFUSED, "sweep-role", "dynamodb:Query", f"{TABLE}/index/parent", False),  # of another role
        (REFUSED, "observe-role", "dynamodb:GetItem", f"{TABLE}/index/parent", False),
        (REFUSED, "observe-role", "dynamodb:Query", f"{TABLE}/index/work", False),  # the same on another index
        (REFUSED, "observe-role", "dynamodb:Query", TABLE, False),  # a table is not its indexes
        (f"role s3:GetObject {BUCKET}/tasks/1/results.json", "role", "s3:GetObject", f"{BUCKET}/*/results.json", True),
        (f"role s3:GetObject {BUCKET}/tasks/1/other.json", "role", "s3:GetObject", f"{BUCKET}/*/results.json", False),
    ],
)
def test_a_refusal_counts_for_its_own_role_action_and_resource(
    refusal: str, role: str, action: str, resource: str, *, is_it: bool
) -> None:
    assert is_refusal_of(refusal, role, action, resource) is is_it


@pytest.mark.parametrize(
    ("line", "action", "is_it"),
    [
        (f'{{"level":"ERROR","exception":"{ERROR}"}}', "dynamodb:Query", True),
        (f'{{"level":"ERROR","exception":"{ERROR}"}}', "dynamodb:GetItem", False),
        (f'{{"level":"INFO","reason":"{ERROR}"}}', "dynamodb:Query", False),
        (
            '{"level":"ERROR","message":"notification kept as undelivered","reason":"not a notification"}',
            "dynamodb:Query",
            False,
        ),
        ('{"level":"ERROR","exception":"when calling the SendMessageBatch operation"}', "sqs:SendMessage", True),
    ],
)
def test_only_an_error_about_the_action_counts_as_its_refusal(line: str, action: str, *, is_it: bool) -> None:
    """Each attempt logs errors of its own, such as those of malformed records."""
    assert is_error_of(line, action) is is_it
