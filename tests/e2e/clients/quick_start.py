"""The commands of docs/quick-start.md, by the stock AWS command line on the local cloud, until a mail arrives."""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.quick_start import quick_start
from local.braket.emulator import Script, usual
from local.story import story
from local.story.stage import SOURCE, Stage
from tests.e2e.at_work import eventually

PAGE = Path(__file__).parents[3] / "docs" / "quick-start.md"
ADDRESS = "you@example.org"
TASK = story.Act(name="quick-task", device=story.FORTE, script=Script(steps=usual("task", "COMPLETED")))


def check_quick_start(settings: Mapping[str, str]) -> int:
    """The number of failed checks: the commands twice, as an update repeats the last two, and a task's mail."""
    [block] = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    bucket, package, deploy = block.splitlines()
    again = f"{deploy.partition(' --parameter-overrides')[0]} --no-fail-on-empty-changeset"  # nothing is new here
    with Stage(lambda _: TASK.script).up() as stage, tempfile.TemporaryDirectory() as folder:
        quick_start(Path(folder), SOURCE)
        there = {**settings, "AWS_ENDPOINT_URL": stage.cloud.url, "AWS_ENDPOINT_URL_S3": stage.cloud.url}
        codes = [
            subprocess.run(each, shell=True, cwd=folder, env=there, timeout=300, check=False).returncode  # noqa: S602 - the page's own words
            for each in (bucket, package, deploy, package, again)
        ]
        wrong = sum(map(bool, codes))
        print(f"{'FAIL' if wrong else 'ok  '} the commands of the quick start ended with {codes}")  # noqa: T201
        return wrong or _mail_arrives(stage)


def _mail_arrives(stage: Stage) -> int:
    for topic in stage.cloud.client("sns").list_topics()["Topics"]:
        stage.inbox.mailboxes[topic["TopicArn"]] = {ADDRESS: {}}
        stage.cloud.subscribe_http(topic["TopicArn"], f"{stage.inbox.url}/sns")
    stage.cloud.client("s3").create_bucket(Bucket=story.BUCKET)
    arn = stage.submit(TASK)
    eventually(lambda: any(arn in mail.body for mail in stage.inbox.mails))
    print(f"ok   a mail about {arn}")  # noqa: T201
    return 0
