"""The row of the table `snapshots` that holds published settings."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from braket_notifier.adapters.dynamodb.row_format import of_this_version
from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Row, Table
from braket_notifier.domain.policy import Reservation
from braket_notifier.errors import NotifierError
from braket_notifier.routing.published import Origin, Published
from braket_notifier.text.json_fields import iso, moment, text

if TYPE_CHECKING:
    from decimal import Decimal

#: The row's key, which is no ARN.
KEY = "settings"
#: The most bytes of the settings, far below the 400 KB of a row.
MOST = 300_000


class OutrunError(NotifierError):
    """Settings were published since the row was read; the caller changes nothing, and its user tries again."""


class DynamoPublished:
    """Reads the row, and replaces it if nobody has changed it since."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self) -> Published:
        """Read the row; raises NewerVersionError."""
        return _published(self._table.get({"arn": KEY}) or {})

    def replace(self, published: Published) -> Published:
        """Save settings as the row's next revision; raises OutrunError."""
        names = ("base", "document", "muted_until", "reserved", "by", "at", "commit")
        sets = {"revision": ":next", **{name: f":{name}" for name in names}}
        values: dict[str, object] = {
            ":seen": published.revision,
            ":next": published.revision + 1,
            ":base": published.base,
            ":document": published.document,
            ":muted_until": {channel: iso(until) for channel, until in published.muted_until.items()},
            ":reserved": [
                {"begins": iso(each.begins), "ends": iso(each.ends), "arn": each.arn, "device": each.device}
                for each in published.reserved
            ],
            ":by": published.origin.by,
            ":at": iso(published.origin.at) or "",
            ":commit": published.origin.commit,
            ":none": 0,
        }
        unchanged = "#revision = :seen OR (attribute_not_exists(#revision) AND :seen = :none)"
        try:
            self._table.update({"arn": KEY}, sets, values, condition=unchanged)
        except ConditionRefusedError as refused:
            raise OutrunError(f"settings were published meanwhile: revision {refused.row.get('revision')}") from refused
        return self.read()

    def end(self, published: Published) -> bool:
        """Take the document from its deployment, so that nothing follows it again; False if it changed meanwhile.

        The sweep may write the attribute `base` of this row and no other.
        """
        values: dict[str, object] = {":seen": published.base, ":none": ""}
        return self._table.updated({"arn": KEY}, {"base": ":none"}, values, condition="#base = :seen")


@of_this_version
def _published(row: Row) -> Published:
    muted = cast("dict[str, object]", row.get("muted_until", {}))
    return Published(
        revision=int(cast("Decimal", row.get("revision", 0))),
        base=text(row.get("base")),
        document=text(row.get("document"), most=MOST),
        muted_until={channel: at for channel, until in muted.items() if (at := moment(until))},
        reserved=tuple(_reserved(cast("list[Row]", row.get("reserved", [])))),
        origin=Origin(text(row.get("by")), moment(row.get("at")), text(row.get("commit"))),
    )


def _reserved(rows: list[Row]) -> Iterator[Reservation]:
    for each in rows:
        begins, ends = moment(each["begins"]), moment(each["ends"])
        if begins and ends:
            yield Reservation(begins, ends, text(each["arn"]), text(each["device"]))
