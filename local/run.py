"""`make run`: the real template on a local cloud, a workload on the Braket emulator, and the notifications of it."""

import argparse
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag

from rich.console import Console
from rich.table import Table

from braket_notifier.cli.show import tolerate_missing_characters
from braket_notifier.settings.handlers import check_handlers
from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.settings.notifier_toml import Settings, read_settings
from local.ending import announced_end, end_on_signals
from local.gallery import screenshot
from local.story.assembly import CUSTOM, SETTINGS, synthesise
from local.story.chapters import ACTS
from local.story.expectations import remarks
from local.story.play import AcceptanceLog, logged_stage, play_story
from local.story.played import REMARK, as_played
from local.story.stage import Stage
from local.story.tally import SHARES, Tally, percentile

LOG = Path("build/local/cloud.log")
ENVIRONMENT = Path("build/local/environment")
#: The settings as the story plays them, if they are not played as they are.
PLAYED = Path("build/local/played.toml")
#: The shell's command for docs/rehearse.md.
REHEARSE = (
    f'rehearse() {{ (cd {shlex.quote(str(Path.cwd()))} && {shlex.quote(sys.executable)} -m local.rehearsal "$@"); }}\n'
)
#: In place of the latency of a way that no notification took.
NOTHING = "no notification"
#: Exit code for settings that cannot be deployed.
WRONG_SETTINGS = 2


def show(console: Console, result: Tally) -> None:
    table = Table(title="Notifications", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    by_sweep = f"{percentile(result.sweep_latencies_ms, 50) / 1000:.1f} s" if result.by_sweep else NOTHING
    figures = {
        "status changes at Braket": f"{result.transitions:,}",
        "notifications accepted by channels": f"{result.delivered:,}",
        "waiting, because the settings hold them": f"{len(result.waiting)}",
        "lost": f"{result.lost}",
        "repeated": f"{result.repeated}",
        "sent without a matching route": f"{result.unasked}",
        "found by the sweep alone": f"{result.by_sweep}",
        "new messages in chats, without edits": f"{result.posts}",
        "of them, copies of a card": f"{result.copies}",
        **latencies("sent at once", result.latencies_ms),
        **latencies("in a digest", result.digest_latencies_ms),
        "from change to acceptance, by the sweep": by_sweep,
    }
    for name, figure in figures.items():
        table.add_row(name, figure)
    console.print(table)


def latencies(way: str, values_ms: Sequence[float]) -> dict[str, str]:
    """The percentiles of a way to a channel, or a word where nothing took it."""
    named = f"from change to acceptance, {way}"
    if not values_ms:
        return {named: NOTHING}
    return {f"{named}, p{each}": f"{percentile(values_ms, each):,} ms" for each in SHARES}


def keep(stage: Stage, settings: Path, console: Console) -> None:
    """Stay up, and write the environment that leads the operator's command here until then."""
    with environment_file(stage, settings, ENVIRONMENT):
        line = f"Still up at {stage.inbox.url} until Ctrl-C. In another terminal, in any folder:"
        console.print(line, soft_wrap=True)
        command = Path("bin/braket-notifier").absolute()
        for each in (f". {shlex.quote(str(ENVIRONMENT.absolute()))}", f"{shlex.quote(str(command))} doctor"):
            console.print(f"  {each}", soft_wrap=True)
        console.print("docs/rehearse.md has faults to try there.")
        Flag().wait()


@contextmanager
def environment_file(stage: Stage, settings: Path, file: Path) -> Iterator[None]:
    values = stage.environment(settings).items()
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in values]
    lines += [f'export PATH={shlex.quote(str(Path("bin").absolute()))}:"$PATH"\n', REHEARSE]
    try:
        file.write_text("".join(lines), encoding="utf-8")
        yield
    finally:
        file.unlink(missing_ok=True)


def forget_accounts() -> None:
    """Remove AWS variables, because a profile that this machine lacks would stop every client."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]


def main() -> int:
    tolerate_missing_characters()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=Path, default=SETTINGS, metavar="FILE", help=f"default: {SETTINGS}")
    parser.add_argument("--keep", action="store_true", help="stay up after the story, until Ctrl-C")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="take a picture of the inbox after the story")
    arguments = parser.parse_args()
    end_on_signals()
    forget_accounts()
    console = Console(highlight=False)
    try:
        settings = read_settings(arguments.settings)
        check_handlers(settings.channels, CUSTOM)
    except SettingsError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return WRONG_SETTINGS
    played = as_played(arguments.settings, settings, PLAYED)
    log, stage = logged_stage(console, read_settings(played))
    with stage.up(), announced_end():
        result = run(stage, log, arguments, played)
        if arguments.keep:
            print(result.line(), flush=True)
            keep(stage, played, console)
    if not arguments.keep:
        print(result.line(), flush=True)
    return 0 if result.good else 1


def run(stage: Stage, log: AcceptanceLog, arguments: argparse.Namespace, played: Path) -> Tally:
    console = log.console
    with console.status("Synthesising the template and deploying it to a local cloud"):
        stage.deploy(synthesise(played))
    console.print(f"[bold]The page with every message:[/] {stage.inbox.url}{board_of(stage.settings)}")
    hurried = [REMARK] if played != arguments.settings else []
    for each in (*hurried, *remarks(ACTS.values(), stage.policy, datetime.now(UTC))):
        console.print(f"[yellow]{each}[/]", soft_wrap=True)
    result = play_story(stage, log)
    report(stage, result, console)
    if arguments.picture:
        screenshot.take(stage.inbox.url, arguments.picture, 1280, 1600)
    return result


def board_of(settings: Settings) -> str:
    return " (beside it: /board)" if settings.dashboard else ""


def report(stage: Stage, result: Tally, console: Console) -> None:
    show(console, result)
    for line in stage.printed():
        console.print(line, soft_wrap=True, markup=False)
    if not result.good:
        LOG.write_text(stage.cloud.logs(), encoding="utf-8")
        console.print(f"[red]The story failed; the functions' logs are in {LOG}[/]")


if __name__ == "__main__":
    sys.exit(main())
