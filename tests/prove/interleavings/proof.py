"""Every interleaving of the pipeline's workers with a fault anywhere, then recovered without faults and judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tests.prove.interleavings.check import Verdict, judge, recover
from tests.prove.interleavings.explorer import Explorer
from tests.prove.interleavings.stories import LARGE, NO_LEASE, REDRIVEN, SMALL, TWO_SWEEPS
from tests.prove.interleavings.story import NOON, Story, event_of
from tests.prove.interleavings.workers import Design
from tests.prove.interleavings.wrong_designs import WRONG, Wrong
from tests.prove.result import Result
from tests.prove.sqlite_stores import SqliteLedger, in_state_file

if TYPE_CHECKING:
    from braket_notifier.adapters.memory.ledger import MemoryLedger

OURS = Design()
#: Our design with the ledger of a state file.
ON_DISK = Design("in a state file", ledger=cast("type[MemoryLedger]", SqliteLedger))
#: Where the stores of a story are kept.
Kept = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class Walk:
    """The result of the walk through one story: each judged run is one end with one way of recovery."""

    runs: int = 0
    states: int = 0
    schedules: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    #: For each kind of fault, the first steps that led to it.
    first: dict[str, tuple[str, ...]] = field(default_factory=dict)


def prove(*, long: bool) -> Result:
    """Our design must keep the promise in every story, and the walk must find every wrong design."""
    return _result("interleavings", [(story.name, walk(story)) for story in (LARGE if long else SMALL)], missed(WRONG))


def _result(title: str, walks: Sequence[tuple[str, Walk]], others: Sequence[str] = ()) -> Result:
    verdict = Verdict()
    for _, found in walks:
        verdict.add(found.verdict)
    wrong = [f"{name}: {kind}, {' → '.join(each)}" for name, found in walks for kind, each in found.first.items()]
    return Result(
        title,
        sum(found.runs for _, found in walks),
        verdict.lost,
        verdict.avoidable,
        verdict.unavoidable,
        (*wrong, *others),
    )


def prove_in_state_file(*, long: bool) -> Result:
    """The same over the adapters of `run`, in short only where two of a kind meet."""
    stories = SMALL if long else (NO_LEASE, TWO_SWEEPS, REDRIVEN)
    walks = [(story.name, walk(story, ON_DISK, kept=in_state_file)) for story in stories]
    return _result("interleavings over SQLite", walks)


def missed(designs: Sequence[Wrong]) -> list[str]:
    """The wrong designs whose fault the walk does not find."""
    return [
        f"{each.design.name}: {each.finds} not found"
        for each in designs
        if each.finds not in walk(each.story, each.design, until=each.finds).first
    ]


def walk(story: Story, design: Design = OURS, until: str = "", kept: Kept = lambda stores: stores) -> Walk:
    """Walk a story in every order and judge every end, or stop when a kind of fault is found."""
    settings = story.settings(design)
    explorer = Explorer(
        story.workers(settings),
        kept(story.stores(design)),
        NOON,
        story.faults,
        clients_retry_sends=design.clients_retry_sends,
    )
    events, expected = [event_of(each) for each in story.events], story.expected
    found = Walk()
    for end in explorer.ends():
        for way in story.ways:
            ports = recover(end, way, events, settings, human=story.human)
            verdict = judge(ports, end.excuses, expected, human=story.human, ledger=design.has_ledger)
            found.runs += 1
            found.verdict.add(verdict)
            for kind in verdict.kinds():
                found.first.setdefault(kind, (*end.steps, f"then {way}"))
        if until in found.first:
            return found
    found.states, found.schedules = explorer.states, explorer.schedules
    return found
