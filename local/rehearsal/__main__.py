"""Cause a fault in a run that stays up, end it, and take the first look of an alarm."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from local.cloud.cloud import logged
from local.cloud.measured import WatchedAlarm, alarms_of, points_of
from local.rehearsal.faults import FAULTS
from local.rehearsal.place import BRAKET, NotHereError, Place, place_of
from local.story import story

#: Exit codes for a command that waited in vain, and outside a run's environment.
IN_VAIN, NOT_HERE = 1, 2
#: Seconds until a line or a measurement must come, and between two looks at it.
PATIENCE_S, LOOK_EVERY_S = 240, 0.5
#: Members of a line that are not shown: about the invocation, and the traceback behind the reason.
LEFT_OUT = {"location", "timestamp", "service", "version", "cold_start", "xray_trace_id"}
LEFT_OUT |= {"exception", "exception_name", "stack_trace"}
Found = TypeVar("Found")


def main() -> int:
    parser = argparse.ArgumentParser(prog="rehearse", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, about in (("begin", begin, "cause a fault"), ("end", end, "end it")):
        command = commands.add_parser(name, help=about)
        command.add_argument("fault", choices=FAULTS)
        command.set_defaults(run=run)
    commands.add_parser("submit", help="submit a quantum task that completes").set_defaults(run=submit)
    commands.add_parser("sweep", help="sweep now").set_defaults(run=sweep)
    command = commands.add_parser("alarm", help="print an alarm as soon as its metric is above the threshold")
    command.add_argument("alarm", nargs="?", help="default: each whose metric is above it now")
    command.set_defaults(run=alarm)
    command = commands.add_parser(
        "log", help="print the last line of a function's log with a message, without invocation and traceback"
    )
    command.add_argument("function")
    command.add_argument("message")
    command.set_defaults(run=log)
    arguments = parser.parse_args()
    try:
        arguments.run(place_of(), arguments)
    except NotHereError as error:
        print(error)
        return NOT_HERE
    except TimeoutError as error:
        print(error)
        return IN_VAIN
    return 0


def begin(place: Place, arguments: argparse.Namespace) -> None:
    fault = FAULTS[arguments.fault]
    fault.begin(place)
    print(f"From now on: {fault.about}." if fault.end else f"Once: {fault.about}.")


def end(place: Place, arguments: argparse.Namespace) -> None:
    fault = FAULTS[arguments.fault]
    if fault.end:
        fault.end(place)
    print(f"No more: {fault.about}.")


def submit(place: Place, _: argparse.Namespace) -> None:
    act = story.Act(name="rehearsal", device=story.FORTE, script=story.CHILD)
    print(story.create_task(place.client("braket", BRAKET), act))


def sweep(place: Place, _: argparse.Namespace) -> None:
    place.client("lambda").invoke(FunctionName=f"{place.name}-sweep")
    print("Swept.")


def alarm(place: Place, arguments: argparse.Namespace) -> None:
    def above() -> list[WatchedAlarm]:
        alarms = alarms_of(place.client, place.name, points_of(place.client))
        if arguments.alarm not in (None, *(each.name for each in alarms)):
            raise NotHereError(f"{arguments.alarm} is no alarm; allowed: {', '.join(each.name for each in alarms)}")
        return [each for each in alarms if each.is_above and arguments.alarm in (None, each.name)]

    wanted = f"the metric of {arguments.alarm} is not above its threshold"
    found = awaited(above, wanted) if arguments.alarm else above()
    print("\n".join(each.line() for each in found) or "No metric is above its threshold.")


def log(place: Place, arguments: argparse.Namespace) -> None:
    group, wanted = f"/aws/lambda/{place.name}-{arguments.function}", f'"message":"{arguments.message}"'

    def lines() -> list[str]:
        said = (line for its, _, line in logged(place.client("logs")) if its == group)
        return [line.strip() for line in said if wanted in line]

    latest = json.loads(awaited(lines, f"{group} has no line {arguments.message!r}")[-1])
    ours = {key: value for key, value in latest.items() if key not in LEFT_OUT and not key.startswith("function_")}
    print(json.dumps(ours, ensure_ascii=False))


def awaited(look: Callable[[], list[Found]], otherwise: str) -> list[Found]:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(LOOK_EVERY_S)
    return found


if __name__ == "__main__":
    sys.exit(main())
