"""Custom widget of the CloudWatch dashboard → table `snapshots`, read only → status board as HTML."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from braket_notifier import __version__
from braket_notifier.bootstrap import shared
from braket_notifier.bootstrap.board import board_report
from braket_notifier.status_board.page import board
from braket_notifier.status_board.widget import DESCRIPTION, parse_view

logger = Logger(version=__version__)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> str:  # noqa: ARG001 - Lambda's own signature
    shared.begin()
    if event.get("describe"):
        return DESCRIPTION
    view = parse_view(event)
    report = board_report(view.window)
    counts = {"tasks": report.tasks, "jobs": report.jobs, "moves": len(report.moves), "stuck": report.stuck}
    logger.info("status board rendered", extra=counts)
    return board(report, view, shared.policy())
