"""`[[routes]]`: which transitions go to which channels, as a user writes it and as the functions read it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field

from infra.toml_table import Table
from infra.wanted import Wanted, one_of, shaped

#: Braket's own words, in the order in which a resource comes to them.
STATUSES = {
    "task": ("CREATED", "QUEUED", "RUNNING", "CANCELLING", "COMPLETED", "FAILED", "CANCELLED"),
    "job": ("QUEUED", "RUNNING", "CANCELLING", "COMPLETED", "FAILED", "CANCELLED"),
}
KINDS = {"task": "a quantum task", "job": "a hybrid job"}
KEYS = ("to", "kind", "device_type", "device", "region", "status", "tags", "took_over", "partial", "silent")

#: Routes compare a device's whole ARN; a bare name would match nothing, silently.
DEVICE = shaped("part of a device's ARN", r"(arn:|\*).+", 'a pattern that begins with "arn:" or "*": "*/qpu/ionq/*"')
KIND = one_of("a kind of resource", KINDS)
DEVICE_TYPE = one_of("a type of device", ("qpu", "simulator"))


@dataclass(frozen=True, slots=True)
class Route:
    """Which transitions go to which channels; an absent condition matches everything."""

    to: tuple[str, ...]
    kind: str = ""
    device_type: str = ""
    device: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    took_over_s: int = 0
    partial: bool = False
    silent: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """Only the conditions that are there."""
        words = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return {key: value for key, value in words.items() if value}


def read_route(table: Table, channels: Collection[str], regions: Collection[str]) -> Route:
    """One `[[routes]]` table; its channels and regions must be among those of the settings."""
    kind = table.text("kind", KIND, default="")
    status = _status(kind)
    route = Route(
        to=table.texts("to", one_of("a channel of these settings", channels)),
        kind=kind,
        device_type=table.text("device_type", DEVICE_TYPE, default=""),
        device=table.texts("device", DEVICE, default=()),
        region=table.texts("region", one_of("a watched region", regions), default=()),
        status=table.texts("status", status, default=()),
        tags=table.strings("tags"),
        took_over_s=table.seconds("took_over"),
        partial=table.flag("partial"),
        silent=table.texts("silent", status, default=()),
    )
    _consistent(table, route)
    return route


def _status(kind: str) -> Wanted:
    what = f"a status of {KINDS[kind]}" if kind else "a status of Braket"
    return one_of(what, STATUSES[kind or "task"])


def _consistent(table: Table, route: Route) -> None:
    """What each key alone cannot show: a route that says less than it seems to."""
    if route.partial and route.kind == "job":
        raise table.refusal("partial", value=True, what="for hybrid jobs, which have no shots", allowed="false")
    told = {*route.status, *(["COMPLETED"] if route.partial else [])}
    for status in route.silent:
        if route.status and status not in told:
            raise table.refusal("silent", status, "among the route's own statuses", ", ".join(route.status))
