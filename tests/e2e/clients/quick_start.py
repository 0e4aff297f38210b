"""The commands of docs/quick-start.md, by the stock AWS command line on the local cloud, and its update.

The mail about a task that runs meanwhile arrives once. It is the only one, because a second mail waits for ten minutes.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree, ignore_patterns

from braket_notifier import __version__
from infra.asset import ROOT
from infra.quick_start import quick_start
from local.braket.emulator import Script
from local.story import story
from local.story.assembly import SOURCE
from local.story.stage import Stage
from tests.e2e.at_work import eventually

PAGE = ROOT / "docs" / "quick-start.md"
ADDRESS = "you@example.org"
#: The task runs while one release replaces the other.
TASK = story.Act(
    name="quick-task",
    device=story.FORTE,
    script=Script(steps=((0.2, "QUEUED"), (0.3, "RUNNING"), (30.0, "COMPLETED"))),
)
NEXT = "99.0.0"


def check_quick_start(settings: Mapping[str, str]) -> int:
    """The number of failed checks."""
    [block] = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    bucket, package, deploy = block.splitlines()
    with Stage(lambda _: TASK.script).up() as stage:
        there = {**settings, "AWS_ENDPOINT_URL": stage.cloud.url, "AWS_ENDPOINT_URL_S3": stage.cloud.url}

        def take(release: Path, *commands: str) -> bool:
            codes = [
                subprocess.run(each, shell=True, cwd=release, env=there, timeout=300, check=False).returncode  # noqa: S602 - the page's own words
                for each in commands
            ]
            return ok(f"the commands of the quick start ended with {codes}", good=not any(codes))

        with tempfile.TemporaryDirectory() as folder:
            releases = [quick_start(Path(folder) / "this", SOURCE), next_release(Path(folder) / "next")]
            if not take(releases[0], bucket, package, deploy):
                return 1
            read_mail(stage)
            arn = stage.submit(TASK)
            if not take(releases[1], package, deploy.partition(" --parameter-overrides")[0]):  # as the page says
                return 1
        eventually(lambda: mails(stage, arn))
        stage.sweep()
        count = mails(stage, arn)
        [stack] = stage.cloud.client("cloudformation").describe_stacks(StackName="braket-notifier")["Stacks"]
    version = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}["Version"]
    address = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}["Address"]
    said = f"{count} mail about a task during the update to {version} for {address}"
    return 0 if ok(said, good=(count, version, address) == (1, NEXT, ADDRESS)) else 1


def next_release(folder: Path) -> Path:
    """The quick start of the same code under a higher version."""
    for name in ("braket_notifier", "infra", "lambdas"):
        copytree(ROOT / name, folder / name, ignore=ignore_patterns("__pycache__"))
    (folder / "cdk.json").symlink_to(ROOT / "cdk.json")
    (folder / "build").symlink_to(ROOT / "build")
    module = folder / "braket_notifier" / "__init__.py"
    module.write_text(module.read_text().replace(f'"{__version__}"', f'"{NEXT}"'))
    script = (
        f"from pathlib import Path; from infra.quick_start import quick_start; quick_start(Path('out'), '{SOURCE}')"
    )
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True)  # noqa: S603 - our own words
    return folder / "out"


def read_mail(stage: Stage) -> None:
    """Confirm the address at each topic, and make the bucket of the tasks."""
    for topic in stage.cloud.client("sns").list_topics()["Topics"]:
        stage.inbox.mailboxes[topic["TopicArn"]] = {ADDRESS: {}}
        stage.cloud.subscribe_http(topic["TopicArn"], f"{stage.inbox.url}/sns")
    stage.cloud.client("s3").create_bucket(Bucket=story.BUCKET)


def mails(stage: Stage, arn: str) -> int:
    return sum(arn in mail.body for mail in stage.inbox.mails)


def ok(said: str, *, good: bool) -> bool:
    print(f"{'ok  ' if good else 'FAIL'} {said}")  # noqa: T201
    return good
