"""A message in Markdown has the order of an e-mail, and its readable parts stay readable."""

import pytest

from braket_notifier.rendering.formats.handler import handler_message
from braket_notifier.rendering.formats.markdown import literal, markdown
from braket_notifier.rendering.message import Link, Message, Section
from braket_notifier.routing.owners import Owner


def test_the_readable_parts_of_a_text_stay_readable() -> None:
    text = "IQM Garnet (QPU) · eu-north-1 · 2,000 of 2,000 shots, done 12:53 CET (11:53 UTC), 49 % · Note: it's 1.5x"

    assert literal(text) == text


def test_a_message_reads_in_the_order_of_an_e_mail() -> None:
    message = Message(
        mark="❌",
        push="❌ ghz_1 FAILED",
        headline="❌ ghz_1 — FAILED",
        lines=("IQM Garnet", "took 3 h"),
        owner=Owner("Anna"),
        reason="*never*",
        notes=("Hint: look",),
        table=(("device", "ended", "ok"), ("SV1", "40", "-")),
        sections=(Section("FAILED (1)", ((("3 x “<x>”",), (Link("a_b", "https://example.org/(1)"),)),)),),
        closing="All 3:",
        command="braket-notifier list",
        code="AwsQuantumTask()",
        code_note="returns the good ones",
        links=(("Console", "https://example.org"),),
        short_id="834b21ed",
    )

    assert markdown(message, may_repeat=True) == (
        "**❌ ghz\\_1 — FAILED** · Anna\n\n"
        "IQM Garnet  \ntook 3 h\n\n"
        "- SV1: 40 ended\n\n"
        "FAILED (1)\n\n- 3 x “&lt;x&gt;” — [a\\_b](https://example.org/%281%29)\n\n"
        "Braket says:\n\n> \\*never\\*\n\n"
        "Hint: look\n\n"
        "All 3: `braket-notifier list`\n\n"
        "`AwsQuantumTask()` returns the good ones\n\n"
        "[Console](https://example.org) · id 834b21ed · may repeat an earlier message\n"
    )


@pytest.mark.parametrize(
    ("mark", "severity"),
    [
        ("❌", "failure"),
        ("🟠", "warning"),
        ("⚠", "warning"),
        ("✅", "success"),
        ("⏹", "info"),
        ("▶", "info"),
        ("", "info"),
    ],
)
def test_the_mark_decides_the_severity(mark: str, severity: str) -> None:
    given_message = handler_message(Message(mark, mark, mark, ()), may_repeat=False)

    assert given_message.severity == severity
