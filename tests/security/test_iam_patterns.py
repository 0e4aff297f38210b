"""IAM's wildcards, and the characters that are none in IAM."""

import pytest

from security.iam_patterns import matches


@pytest.mark.parametrize(
    ("value", "pattern", "covered"),
    [
        ("[alarms]#x", "[alarms]#*", True),  # a shell would read one of these letters
        ("a#x", "[alarms]#*", False),
        ("team-slack#arn:aws:braket", "team-slack#*", True),
        ("other#x", "team-slack#*", False),
        ("s3:GetObject", "s3:Get*", True),
        ("s3:GetObject", "s3:GetObj?ct", True),
        ("s3:Get", "s3:Get?", False),
        ("tasks/1/results.json", "*/results.json", True),
        ("tasks/1/results-json", "*/results.json", False),
        ("a\nb", "a*", True),
        ("!a", "[!a]", False),
        ("[!a]", "[!a]", True),
        ("", "*", True),
    ],
)
def test_only_a_star_and_a_question_mark_are_wildcards(value: str, pattern: str, covered: bool) -> None:
    assert matches(value, pattern) == covered
