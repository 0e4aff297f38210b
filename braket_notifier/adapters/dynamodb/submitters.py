"""The names of submitters in rows of `snapshots`, apart from Braket's details, because each read replaces those."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from braket_notifier.adapters.dynamodb.row_format import OUR_FORMAT, of_this_version, readable
from braket_notifier.adapters.dynamodb.table import Row, Table
from braket_notifier.braket.responses import all_arns
from braket_notifier.domain.resource import TERMINAL_RANK, Arn, parse_arn
from braket_notifier.text.json_fields import text
from braket_notifier.tracking.ports import raised

#: The name of a resource whose event appeared after its end, for sums; no message shows it.
LATE = "late_submitter"
#: The attributes that show whether a row lacks a name.
_SHOWN = ("arn", "parent", "submitter", LATE)
_UNNAMED = f"attribute_exists(#arn) AND attribute_not_exists(#submitter) AND attribute_not_exists(#{LATE})"
_OPEN, _ENDED = (f"{_UNNAMED} AND #rank {sign} :terminal AND {OUR_FORMAT}" for sign in ("<", ">="))


class DynamoSubmitterRows:
    """The port `SubmitterRows`."""

    def __init__(self, snapshots: Table, on_skipped: Callable[[Exception], object] = raised) -> None:
        """`on_skipped` gets the error of an unreadable row, which is skipped."""
        self._table = snapshots
        self._on_skipped = on_skipped

    def lacking(self, arns: Sequence[Arn]) -> Mapping[Arn, Arn | None]:
        rows = self._table.many([{"arn": arn.text} for arn in arns], _SHOWN)
        return dict(readable(_parent, (row for row in rows if not _name(row)), self._on_skipped))

    def submitters(self, arns: Sequence[Arn]) -> Mapping[Arn, str]:
        rows = self._table.many([{"arn": arn.text} for arn in arns], _SHOWN)
        return dict(readable(_named, (row for row in rows if _name(row)), self._on_skipped))

    def save_submitter(self, arn: Arn, by: str) -> bool | None:
        if self._saved(arn, "submitter", by, _OPEN):
            return True
        return False if self._saved(arn, LATE, by, _ENDED) else None

    def _saved(self, arn: Arn, attribute: str, by: str, condition: str) -> bool:
        values = {":by": by, ":terminal": Decimal(str(TERMINAL_RANK))}
        return self._table.updated({"arn": arn.text}, {attribute: ":by"}, values, condition=condition)


def _name(row: Row) -> str:
    return text(row.get("submitter")) or text(row.get(LATE))


@of_this_version
def _named(row: Row) -> tuple[Arn, str]:
    return parse_arn(text(row["arn"])), _name(row)


@of_this_version
def _parent(row: Row) -> tuple[Arn, Arn | None]:
    """A row's parent is its hybrid job, or a reservation, which has no submitter."""
    jobs = (each for each in all_arns([row.get("parent")]) if each.kind == "job")
    return parse_arn(text(row["arn"])), next(jobs, None)
