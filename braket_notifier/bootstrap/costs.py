"""The costs of ends that observe and sweep record, and the price list that the sweep fetches."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

from aws_lambda_powertools import Logger

from braket_notifier.adapters.dynamodb.ends import DynamoEndedTasks
from braket_notifier.adapters.dynamodb.prices import DynamoPrices
from braket_notifier.bootstrap import shared
from braket_notifier.costs.costing import Costing, update_prices
from braket_notifier.costs.sums import together
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import UnusablePricesError


@cache
def costing() -> Costing:
    return Costing(DynamoPrices(shared.snapshots_table()), ended_tasks(), shared.now, _log_failed)


def ended_tasks(out_of_time: Callable[[], bool] = lambda: False) -> DynamoEndedTasks:
    return DynamoEndedTasks(shared.snapshots_table(), shared.log_skipped, out_of_time)


def _log_failed(error: Exception) -> None:
    Logger().error("cost could not be computed", exc_info=error)


def spent(regions: Sequence[str], since: datetime, until: datetime) -> Cost | None:
    """Add the costs of what ended in these regions in a range of time; None if none is known."""
    tasks = ended_tasks()
    return together(each for region in regions for each in tasks.between(region, since, until))


def fetch_prices(policy: Policy) -> str | None:
    """Fetch the price list once a day and return its day; a failure leaves the last good one, and is logged."""
    if not (policy.money and policy.fetch_prices):
        return None
    from braket_notifier.adapters.https.price_list import AwsPriceList, price_list_url  # noqa: PLC0415 - once a day

    if not (url := price_list_url(os.environ)):
        return None
    with shared.Alone("price list could not be saved"):
        try:
            source = AwsPriceList(lambda: shared.now().date(), url)
            fetched = update_prices(costing().current(), source, costing().store, shared.now())
        except UnusablePricesError as error:
            Logger().warning("price list is unusable, the last good one stays", reason=str(error))
        else:
            return fetched.as_of.isoformat() if fetched else None
    return None
