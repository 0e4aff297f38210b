"""Compare botocore's model of Braket with the committed list: a new status or member may concern a message.

`python .github/check_braket_model.py` prints a line for each difference and exits with 1 if there is one.
"""  # noqa: INP001 - a script, not a package

import sys
from collections.abc import Iterator
from pathlib import Path

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from botocore.session import get_session

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_name("braket-model.txt")
#: Operations whose answers the library reads.
OPERATIONS = ("GetDevice", "GetJob", "GetQuantumTask", "SearchJobs", "SearchQuantumTasks", "SearchSpendingLimits")
READ, UNREAD = "read   ", "unread "


def answers() -> Iterator[str]:
    """A line for each member of each answer, and for each value of an enumeration."""
    model = get_session().get_service_model("braket")
    for name in OPERATIONS:
        if output := model.operation_model(name).output_shape:
            yield from _lines(name, output)


def _lines(place: str, shape: Shape) -> Iterator[str]:
    match shape:
        case StructureShape():
            for name, each in shape.members.items():
                yield f"{place}.{name}"
                yield from _lines(f"{place}.{name}", each)
        case ListShape():
            yield from _lines(place, shape.member)
        case MapShape():
            yield from _lines(place, shape.value)
        case StringShape():
            yield from (f"{place} = {value}" for value in shape.enum)


def listing() -> str:
    """The lines, each marked by whether the library has the member's or the value's name.

    The formats are left out, because services of other makers have members of the same names.
    """
    files = (path for path in (ROOT / "braket_notifier").rglob("*.py") if path.parent.name != "formats")
    sources = [path.read_text(encoding="utf-8") for path in files]
    found = "".join(sources)
    marks = ((READ if f'"{line.split()[-1].rpartition(".")[2]}"' in found else UNREAD, line) for line in answers())
    return "".join(f"{mark}{line}\n" for mark, line in marks)


def differences(known: str, newest: set[str]) -> Iterator[str]:
    """Lines for new members of the model, and for members that the library reads and the newest model lacks."""
    lines = {line[len(READ) :]: line.startswith(READ) for line in known.splitlines()}
    yield from (f"new: {line}" for line in sorted(newest - lines.keys()))
    yield from (f"gone: {line}, which the library reads" for line, read in lines.items() if read and line not in newest)


if __name__ == "__main__":
    found = list(differences(LIST.read_text(encoding="utf-8"), set(answers())))
    sys.stdout.writelines(f"{each}\n" for each in found)
    sys.exit(bool(found))
