"""Links into the AWS console."""

from collections.abc import Callable
from typing import Any

import pytest

from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.rendering.words import links

CONSOLE = "https://eu-north-1.console.aws.amazon.com"
GOV_JOB = parse_arn("arn:aws-us-gov:braket:us-gov-west-1:012345678901:job/70b21eda")


def test_a_resource_has_a_link_into_the_console_of_its_partition_and_region(
    a_task: Callable[..., Snapshot], a_job: Callable[..., Snapshot]
) -> None:
    task, job = a_task().arn, a_job().arn

    assert links.resource(task) == f"{CONSOLE}/braket/home?region=eu-north-1#/tasks/{task}"
    assert links.resource(job) == f"{CONSOLE}/braket/home?region=eu-north-1#/jobs/{job}"
    assert links.resource(GOV_JOB).startswith("https://us-gov-west-1.console.amazonaws-us-gov.com/braket/")


@pytest.mark.parametrize(
    ("name", "id_", "streams"),
    [
        ("vqe-h2-17", "70b21eda-0000-4b36-a90c-000000000001", "$3FlogStreamNameFilter$3Dvqe-h2-17$252F70b21eda-"),
        ("vqe-h2-17", "vqe-h2-17", "$3FlogStreamNameFilter$3Dvqe-h2-17"),  # the id of an older job
        # without a valid name: the log group of all jobs
        ("", "70b21eda-0000-4b36-a90c-000000000001", ""),
        ("a b>|c", "70b21eda-0000-4b36-a90c-000000000001", ""),
    ],
)
def test_the_link_to_logs_opens_the_streams_of_the_job(
    a_job: Callable[..., Snapshot], name: str, id_: str, streams: str
) -> None:
    """CloudWatch's page encodes the group's name twice, with a dollar for the percent sign."""
    group = f"{CONSOLE}/cloudwatch/home?region=eu-north-1#logsV2:log-groups/log-group/$252Faws$252Fbraket$252Fjobs"
    arn = parse_arn(f"arn:aws:braket:eu-north-1:012345678901:job/{id_}")

    found = links.logs(a_job(job_name=name, arn=arn))

    assert found.startswith(f"{group}{streams}")
    assert (found == group) == (streams == "")


@pytest.mark.parametrize(
    ("place", "query"),
    [
        ({"directory": "ghz/834b21ed"}, "prefix=ghz/834b21ed/"),
        ({"directory": ""}, "prefix="),
        ({"directory": "a b/ü&<x>|y"}, "prefix=a%20b/%C3%BC%26%3Cx%3E%7Cy/"),  # no character of a name ends the link
    ],
)
def test_the_link_to_a_folder_has_its_encoded_name(
    a_task: Callable[..., Snapshot], place: dict[str, Any], query: str
) -> None:
    folder = f"{CONSOLE}/s3/buckets/amazon-braket-results?region=eu-north-1&{query}"

    assert links.folder(a_task(**place)) == folder


@pytest.mark.parametrize("bucket", ["", "x", "Amazon", "a/../b", "a.b>|c", "b" * 64])
def test_an_invalid_bucket_has_no_link(a_task: Callable[..., Snapshot], bucket: str) -> None:
    assert links.folder(a_task(bucket=bucket)) == ""
