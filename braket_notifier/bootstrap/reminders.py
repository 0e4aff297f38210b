"""The reminders of each region, with what they cannot do in the log."""

from aws_lambda_powertools import Logger

from braket_notifier.adapters.dynamodb.watched import DynamoWatchedRows
from braket_notifier.bootstrap import shared
from braket_notifier.errors import LateError
from braket_notifier.remind import Reminders
from braket_notifier.watching.ports import Devices


def of_each_region(devices: Devices) -> Reminders:
    return Reminders(devices, DynamoWatchedRows(shared.snapshots_table()), _log_unread, _log_error)


def _log_unread(region: str, device: str, error: Exception) -> None:
    Logger().warning("a device could not be read", region=region, device=device, reason=str(error))


def _log_error(region: str, error: Exception) -> None:
    """Log an error, which raises an alarm unless only time was short."""
    if isinstance(error, LateError):
        Logger().info("no time was left for reminders", region=region)
    else:
        Logger().error("reminders could not be sent", region=region, exc_info=error)
