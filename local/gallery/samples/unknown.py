"""Unknown statuses, missing answers and hostile texts."""

import json
from dataclasses import replace
from pathlib import Path

from braket_notifier.routing.unknown_words import unknown_words
from local.gallery.samples.answers import CEPHEUS, GARNET, NOON, reached, task_answer
from local.gallery.samples.sample import POLICY, Sample
from local.gallery.samples.tasks import GHZ, but

OFFICIAL = Path(__file__).parents[3] / "tests" / "events" / "task-official.json"
HOSTILE = (
    "<!channel> <@U01ABCDEF> <https://example.org|your results> &lt;!here&gt; *bold* _it_ ~no~ `code` ```\n> quote "
    "@everyone http://example.org/x \u202etxt.exe\u202c \x07\x1b[31m :tada:"
)

UNKNOWN = (
    Sample("task-gone", "Braket forgot it", reached(but(GHZ, status="GONE", endedAt=None, numSuccessfulShots=None))),
    Sample(
        "task-unknown-status",
        "a status that is new to this notifier",
        reached(but(GHZ, status="PAUSED", endedAt=None, numSuccessfulShots=None)),
    ),
    Sample(
        "task-unknown-end",
        "an end that is new to this notifier",
        reached(but(GHZ, status="EXPIRED", numSuccessfulShots=None)),
    ),
    Sample(
        "task-event-only",
        "the official event, and no answer from Braket",
        reached(json.loads(OFFICIAL.read_text())["detail"], degraded=True),
    ),
    Sample(
        "task-corrected",
        "notified as failed before, and completed in truth",
        reached(GHZ, was="FAILED", correction=True),
    ),
    Sample(
        "device-unknown",
        "a device that this notifier's table lacks",
        reached(
            task_answer(
                "c0ffee00",
                device="arn:aws:braket:us-east-1::device/qpu/ionq/Tempo-1",
                numSuccessfulShots=1000,
                tags={"Name": "first-light"},
            )
        ),
    ),
    Sample(
        "text-hostile",
        "mentions, links, marks and control characters in every text",
        reached(
            task_answer(
                "bad0bad0",
                "FAILED",
                GARNET,
                failureReason=HOSTILE,
                tags={"Name": HOSTILE[:90], "batch": HOSTILE, "owner": "anna"},
                outputS3Bucket="evil/../bucket",
            )
        ),
    ),
    Sample(
        "text-of-the-world",
        "names in several scripts, with emoji",
        reached(
            task_answer(
                "a11ab0ad",
                "FAILED",
                CEPHEUS,
                failureReason="שגיאה פנימית · 内部エラー · 👩\u200d🔬 Zürich " * 3,
                tags={"Name": "größe-β-実験-🇨🇭👩\u200d🔬"},
            )
        ),
    ),
    Sample(
        "text-without-end",
        "a reason of many pages and a name of many words",
        reached(task_answer("10000000", "FAILED", failureReason="and then & " * 800, tags={"Name": "n&m" * 80})),
    ),
    Sample(
        "mentioned-always",
        "a channel in which owners are always mentioned",
        reached(GHZ, at=NOON),
        policy=replace(POLICY, mentions={"team-slack": "all"}),
    ),
    Sample(
        "tag-unknown-word",
        "a word of a tag that names no channel, where nobody was notified of the task",
        unknown_words(reached(GHZ | {"tags": {"Name": "ghz-12", "notify": "alice"}}), POLICY)[0].transition,
    ),
)
