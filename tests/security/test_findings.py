"""Findings that are acknowledged, findings that are not, and acknowledgements of nothing."""

from security.findings import Acknowledgement, Check, Finding, acknowledgements, stale

WILD = Finding("IAM5[Resource::*]", "shipped:stack/Sweep/Role", "a wildcard")
QUEUE = Finding("CKV_AWS_27", "shipped:stack/Undelivered", "no key")
ROLE = Acknowledgement("IAM5[Resource::*]", "*/Role", "no resource exists")


def test_a_finding_is_acknowledged_by_its_rule_and_its_place() -> None:
    elsewhere = Finding(WILD.rule, "shipped:stack/Other", "a wildcard")

    checked = Check("nag", [WILD, QUEUE, elsewhere]).judged([ROLE])

    assert (list(checked.findings), list(checked.acknowledged)) == ([QUEUE, elsewhere], [WILD])


def test_the_brackets_of_a_rule_are_no_pattern() -> None:
    assert not ROLE.covers(Finding("IAM5R", WILD.where, ""))


def test_an_acknowledgement_of_nothing_is_a_finding() -> None:
    left = stale([ROLE, Acknowledgement("GONE", "*", "it was")], [Check("nag", [WILD])])

    assert [each.where for each in left.findings] == ["GONE"]


def test_every_acknowledgement_gives_its_reason_in_a_sentence() -> None:
    assert all(len(each.reason) > 20 and each.reason.endswith(".") for each in acknowledgements())
