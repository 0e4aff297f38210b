"""`make run`: the real template on a local cloud, a workload on the Braket emulator, and the notifications of it."""

import argparse
import os
import shlex
import signal
import sys
from pathlib import Path
from threading import Event as Flag

from rich.console import Console
from rich.table import Table

from braket_notifier.cli.show import tolerate_missing_characters
from local.gallery import screenshot
from local.story.play import AcceptanceLog, play_story
from local.story.stage import Stage, synthesise
from local.story.tally import Tally, percentile

LOG = Path("build/local/cloud.log")
ENVIRONMENT = Path("build/local/environment")


def show(console: Console, result: Tally) -> None:
    table = Table(title="Notifications", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    by_sweep = f"{percentile(result.sweep_latencies_ms, 50) / 1000:.1f} s" if result.by_sweep else "-"
    figures = {
        "status changes at Braket": f"{result.transitions:,}",
        "notifications accepted by channels": f"{result.delivered:,}",
        "lost": f"{result.lost}",
        "repeated": f"{result.repeated}",
        "sent without a matching route": f"{result.unasked}",
        "found by the sweep alone": f"{result.by_sweep}",
        "from change to acceptance, sent at once, p50": f"{percentile(result.latencies_ms, 50):,} ms",
        "from change to acceptance, sent at once, p99": f"{percentile(result.latencies_ms, 99):,} ms",
        "from change to acceptance, in a digest, p50": f"{percentile(result.digest_latencies_ms, 50):,} ms",
        "from change to acceptance, in a digest, p99": f"{percentile(result.digest_latencies_ms, 99):,} ms",
        "from change to acceptance, by the sweep": by_sweep,
    }
    for name, figure in figures.items():
        table.add_row(name, figure)
    console.print(table)


def keep(stage: Stage, console: Console) -> None:
    """Stay up, and write the environment that leads the operator's command here."""
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in stage.environment().items()]
    ENVIRONMENT.write_text("".join(lines), encoding="utf-8")
    console.print(f"Still up at {stage.inbox.url} until Ctrl-C. In another terminal:")
    console.print(f"  . {ENVIRONMENT}; bin/braket-notifier doctor", soft_wrap=True)
    Flag().wait()


def forget_accounts() -> None:
    """Remove AWS variables, because a profile that this machine lacks would stop every client."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]


def main() -> int:
    tolerate_missing_characters()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="stay up after the story, until Ctrl-C")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="take a picture of the inbox after the story")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # set because a shell's background process ignores it
    forget_accounts()
    console = Console(highlight=False)
    log = AcceptanceLog(console)
    with Stage(on_arrival=log.accept, on_edit=log.accept_edit).up() as stage:
        with console.status("Synthesising the template and deploying it to a local cloud"):
            stage.deploy(synthesise())
        console.print(f"[bold]The page with every message:[/] {stage.inbox.url} (beside it: /board)")
        result = play_story(stage, log)
        report(stage, result, console)
        if arguments.picture:
            screenshot.main([stage.inbox.url, str(arguments.picture), "--height", "1600"])
        print(result.line(), flush=True)
        if arguments.keep:
            keep(stage, console)
    return 0 if result.good else 1


def report(stage: Stage, result: Tally, console: Console) -> None:
    show(console, result)
    for line in stage.printed():
        console.print(line, soft_wrap=True, markup=False)
    if not result.good:
        LOG.write_text(stage.cloud.logs(), encoding="utf-8")
        console.print(f"[red]The story failed; the functions' logs are in {LOG}[/]")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
