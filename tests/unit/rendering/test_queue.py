"""The tasks ahead in words, now and two hours ago."""

import pytest

from braket_notifier.rendering.words.queue import tasks_ahead


@pytest.mark.parametrize(
    ("position", "earlier", "words"),
    [
        ("14", "", "14 tasks ahead"),
        ("14", "30", "14 tasks ahead (30 two hours ago)"),
        ("30", "14", "30 tasks ahead (14 two hours ago)"),  # positions may rise
        ("1", "1", "1 task ahead (1 two hours ago)"),
        ("0", "2000", "no task ahead (2,000 two hours ago)"),
        ("1990", ">2000", "1,990 tasks ahead (more than 2,000 two hours ago)"),
        (">2000", ">2000", "more than 2,000 tasks ahead (more than 2,000 two hours ago)"),
        ("", "30", ""),  # a task that runs has none
        ("None", "30", ""),
        ("14", "None", "14 tasks ahead"),
        ("14", "soon", "14 tasks ahead"),
        ("-3", "30", ""),
    ],
)
def test_the_tasks_ahead_are_shown_with_those_of_two_hours_ago(position: str, earlier: str, words: str) -> None:
    assert tasks_ahead("task", position, earlier) == words
