"""`make run KEEP=1`, as a newcomer starts it in any environment, and the Ctrl-C that ends it."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from infra.function import namespace
from local.braket.emulator import Braket, Clock
from local.cloud.measured import alarms_of, points_of, shown_on_dashboard
from local.cloud.metrics import Metric, Points
from local.ending import ENDING
from local.gallery.terminal import COMMAND
from local.inbox.inbox import Inbox
from local.run import ENVIRONMENT
from local.story import chapters, story
from local.story.assembly import OUT, SETTINGS
from local.story.stage import NAME
from tests.e2e.at_work import eventually
from tests.e2e.clients.workload import KEYS
from tests.e2e.leaks import clients, leaks

#: Seconds until a test fails, long because the machine may be busy.
PATIENCE_S = 900
ENDS_WITHIN_S = 120
#: The hybrid jobs that end, whose RUNNING is left out where a busy machine delivers the end first.
SUPERSEDED = 2
#: Variables that a user may have set for other purposes.
SURROUNDINGS = {"HTTP_PROXY": "http://127.0.0.1:9", "no_proxy": "", "AWS_PROFILE": "not-on-this-machine"}


@dataclass(frozen=True)
class Measured:
    """The points of each metric, our metrics on the dashboard, and the state of each alarm."""

    points: Points
    shown: frozenset[Metric]
    alarms: dict[str, str]


@dataclass(frozen=True)
class Run:
    """A run's output, metrics, leaks and `doctor`, its errors after Ctrl-C, its exit code, and the files it left."""

    said: str
    measured: Measured
    errors: str
    leaked: list[str]
    doctor: str
    last_words: str
    code: int
    left_behind: list[Path]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place, temporary = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("temporary")
    said, errors = place / "said", place / "errors"
    command, environment = [sys.executable, "-m", "local.run", "--keep"], {**SURROUNDINGS, "TMPDIR": str(temporary)}
    with (
        said.open("w") as out,
        errors.open("w") as err,
        subprocess.Popen(  # noqa: S603 - our own words
            command, env=os.environ | environment, stdout=out, stderr=err, start_new_session=True
        ) as process,
    ):
        deadline = time.monotonic() + PATIENCE_S
        while "Still up" not in said.read_text() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        before = errors.read_text()  # pip may have printed something before
        metrics, leaked, doctor = Measured({}, frozenset(), {}), [], ""
        if process.poll() is None:
            try:
                metrics = measured()
                leaked = looked_through(said.read_text(), page(said.read_text(), "/board"), before)
                doctor = elsewhere(said.read_text(), tmp_path_factory.mktemp("elsewhere"))
            finally:
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to the whole process group
        code = process.wait(timeout=ENDS_WITHIN_S)
    last_words = errors.read_text().removeprefix(before)
    return Run(
        said.read_text(), metrics, errors.read_text(), leaked, doctor, last_words, code, list(temporary.iterdir())
    )


def measured() -> Measured:
    with clients(cloud(), "us-east-1") as client:
        points, shown = points_of(client), shown_on_dashboard(client, NAME, namespace(NAME))
        return Measured(points, shown, {each.name: each.state for each in alarms_of(client, NAME, points)})


def page(said: str, path: str) -> str:
    [_, where, *_] = re.split(r"http://(127\.0\.0\.1:\d+)", said)
    connection = http.client.HTTPConnection(where, timeout=60)
    connection.request("GET", path)
    content = connection.getresponse().read().decode()
    connection.close()
    return content


def elsewhere(said: str, folder: Path) -> str:
    """The output of the lines for another terminal, typed in another folder."""
    lines = re.findall(r"^  (\. .+|.+/bin/braket-notifier doctor)$", said, re.MULTILINE)
    done = subprocess.run(["sh", "-c", "\n".join(lines)], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603, S607 - our own words
    return done.stdout + done.stderr


def cloud() -> str:
    [url] = re.findall(r"export AWS_ENDPOINT_URL=(\S+)", ENVIRONMENT.read_text())
    return str(url)


def looked_through(said: str, *told: str) -> list[str]:
    """The leaks of a run that stays up."""
    everything = {"what it said": (said, *told), "the inbox": page(said, "/messages")}
    return leaks(cloud(), OUT, everything)


def test_every_notification_of_the_story_is_delivered_once(run: Run) -> None:
    assert "transitions=" in run.said, run.said + run.errors
    last = next(line for line in run.said.splitlines() if line.startswith("transitions="))
    figures = dict(re.findall(r"(\w+)=(-?\d+)", last))
    counts = ["transitions", "delivered", "waiting", "lost", "repeated", "by_sweep", "posts", "copies"]
    latencies = ["p50_ms", "p99_ms"]
    assert list(figures) == [*counts, *latencies, *(f"digest_{each}" for each in latencies)]
    assert int(figures["p50_ms"]) < int(figures["digest_p50_ms"])
    assert [figures[each] for each in ("waiting", "lost", "repeated", "by_sweep")] == ["0", "0", "0", "1"]
    assert int(figures["delivered"]) in range(82 - SUPERSEDED, 82 + 1)
    assert "http://127.0.0.1:" in run.said


def test_the_run_works_out_a_task_s_price_beside_the_notifier_s_amount(run: Run) -> None:
    assert "$0.30 + 2,000 shots × $0.00145 = $3.20; the notifier says $3.20" in run.said  # noqa: RUF001 - a product


def test_the_same_tasks_have_the_same_words_in_slack_without_a_deployment(run: Run, tmp_path: Path) -> None:
    deployed = re.findall(r"^\d\d:\d\d:\d\d  team-slack  (.+)$", run.said, re.MULTILINE)
    alone = [act for act in chapters.TASKS if not act.cancelled]  # that one is in a digest with a reservation's
    with Braket(choose=chapters.choose, clock=Clock(held=True)) as braket, Inbox() as inbox:
        for act in alone:  # before the first round, because they were submitted hours ago
            client = boto3.client("braket", act.region, endpoint_url=braket.url, **KEYS)  # type: ignore[call-overload]  # the keys
            story.create(act, client, braket)
            client.close()
        end_own_process = own_process(tmp_path, braket, inbox)
        try:
            braket.clock.release()
            eventually(lambda: len(inbox.posts) == len(alone))
        finally:
            end_own_process()
        sent = [post.text for post in inbox.posts]

    assert len(sent) == len(alone)
    assert set(map(without_seconds, sent)) <= set(map(without_seconds, deployed))


def without_seconds(line: str) -> str:
    """A task that took seconds may take one more on a busy machine."""
    return re.sub(r"took \d+ s\b", "took some seconds", line)


def own_process(folder: Path, braket: Braket, inbox: Inbox) -> Callable[[], None]:
    """Begin `braket-notifier run` with the settings of `make run`; answers how to end it."""
    token, output = folder / "token", folder / "output"
    token.touch(mode=0o600)
    token.write_text(inbox.workspace.token)
    environment = {"AWS_ENDPOINT_URL": braket.url, "SLACK_ENDPOINT_URL": inbox.url, "PATH": os.environ["PATH"]}
    environment |= {name.upper(): key for name, key in KEYS.items()}
    words = ["--settings", str(SETTINGS.absolute()), "--state", str(folder / "state"), "--plain", "--yes"]
    words += ["--every", "1", "--secret", f"team-slack=file:{token}"]
    with output.open("w") as out:
        process = subprocess.Popen([COMMAND, "run", *words], env=environment, stdout=out)  # noqa: S603 - our own words
    eventually(lambda: "first round" in output.read_text())

    def end() -> None:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=ENDS_WITHIN_S)

    return end


def test_no_secret_and_no_user_parameter_leaks_from_a_run(run: Run) -> None:
    assert "Still up" in run.said
    assert run.leaked == []


def test_the_lines_for_another_terminal_lead_to_the_run_from_any_folder(run: Run) -> None:
    assert "✓ credentials for account 000000000000" in run.doctor
    assert "✓ stack braket-notifier in us-east-1: CREATE_COMPLETE" in run.doctor


def test_ctrl_c_ends_the_run_with_an_announcement_and_leaves_nothing(run: Run) -> None:
    assert (run.code, run.last_words) == (130, "")
    assert run.said.endswith(ENDING)
    assert run.left_behind == []
    assert not ENVIRONMENT.exists()


def test_the_functions_measure_every_metric_of_the_deployed_dashboard_but_errors(run: Run) -> None:
    assert len(run.measured.shown) == 9
    assert run.measured.shown - set(run.measured.points) == {Metric(namespace(NAME), "Errors")}


def test_no_alarm_fires_after_a_good_story(run: Run) -> None:
    alarms = run.measured.alarms

    assert len(alarms) == 8
    assert {name: state for name, state in alarms.items() if state != "OK"} == {
        "waiting-events": "not measured",
        "refused-events": "not measured",
    }
