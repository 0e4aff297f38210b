"""Slack, other services and a mailbox on one machine: the notifier's messages arrive here, and one page shows them."""

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from types import TracebackType
from typing import Self

from local.braket.serving import Request, Response, json_response, serving
from local.inbox.board_page import Render, board_page
from local.inbox.entries import Mail, Post
from local.inbox.faults import Fault, Faults, spoil
from local.inbox.services import Destination, read_service_call
from local.inbox.shelf import OnArrival, Shelf
from local.inbox.slack_calls import SERVICES, Call, read_call
from local.inbox.slack_checks import RefusedError
from local.inbox.slack_workspace import Channel, Workspace
from local.inbox.sns import Confirmation, FilterPolicy, confirm, read_delivery, takes
from local.inbox.view import events, everything, page

__all__ = ["Channel", "Fault", "Inbox", "Mail", "Post", "Workspace"]
LONGEST_HANG = 60.0


class Inbox:
    """A fake of Slack and of the mailbox behind the SNS topic, open inside its `with` block."""

    def __init__(
        self,
        workspace: Workspace | None = None,
        on_arrival: OnArrival | None = None,
        on_edit: Callable[[Post], None] | None = None,
    ) -> None:
        self.workspace = workspace or Workspace()
        #: The addresses that are subscribed to each topic, with their filter policies, where they are known.
        self.mailboxes: dict[str, Mapping[str, FilterPolicy]] = {}
        #: The status board of the notifier that sends to this inbox.
        self.board: Render | None = None
        #: The channels of services beside Slack, by their URLs without https.
        self.services: dict[str, Destination] = {}
        self._shelf = Shelf(on_arrival, on_edit=on_edit)
        self._faults = Faults()
        self._closing = threading.Event()
        self._running = ExitStack()
        self.url = ""
        self._own = {
            ("GET", "/"): self._page,
            ("GET", "/board"): lambda request: board_page(self.board, request),
            ("GET", "/messages"): self._messages,
            ("GET", "/events"): self._events,
            ("POST", "/sns"): self._sns,
            ("GET", "/faults"): self._list_faults,
            ("POST", "/faults"): self._add_fault,
            ("DELETE", "/faults"): self._clear_faults,
        }

    def __enter__(self) -> Self:
        self.url = self._running.enter_context(serving(self._route))
        self._running.callback(self._shelf.close)
        self._running.callback(self._closing.set)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)

    @property
    def webhook_url(self) -> str:
        return f"{self.url}{SERVICES}{next(iter(self.workspace.webhooks))}"

    @property
    def posts(self) -> list[Post]:
        return self._shelf.posts

    @property
    def mails(self) -> list[Mail]:
        return self._shelf.mails

    def delete(self, post: Post) -> None:
        """Delete a post of Slack, as a person does."""
        self._shelf.delete(post.channel, post.ts)

    def fault(self, fault: Fault) -> None:
        """Let Slack's next calls fail; faults apply in the order of their addition."""
        self._faults.add(fault)

    def clear_faults(self) -> None:
        self._faults.clear()

    def _route(self, request: Request) -> Response | None:
        call = read_call(request, self.workspace, self._shelf)
        call = call or read_service_call(request, self.services, self._shelf)
        if call is not None:
            return self._slack(call)
        answer = self._own.get((request.method, request.path))
        return answer(request) if answer else Response(b"nothing here", 404)

    def _page(self, _request: Request) -> Response:
        return page(self._shelf, self.workspace, self._channels, board=self.board is not None)

    @property
    def _channels(self) -> list[str]:
        return [each.channel for each in self.services.values()]

    def _messages(self, _request: Request) -> Response:
        return json_response(everything(self._shelf, self.workspace, self._channels))

    def _events(self, request: Request) -> Response:
        """Continue after the last event of a reconnecting page, or after the state a new page was built with."""
        seen = int(request.headers.get("last-event-id") or request.query.get("seen", "0"))
        return Response(events(self._shelf, self.workspace, seen), headers={"Content-Type": "text/event-stream"})

    def _slack(self, call: Call) -> Response | None:
        fault = self._faults.take(call.method, call.channel)
        try:
            if fault is None:
                return call.carry_out()
            if fault.accepts:
                call.carry_out()
        except RefusedError as refused:
            return call.refusal(refused.error, refused.why)
        if fault.kind == "hang":
            self._closing.wait(min(fault.seconds, LONGEST_HANG))
        return spoil(fault, call.refuse)

    def _sns(self, request: Request) -> Response:
        delivery = read_delivery(request)
        if isinstance(delivery, Confirmation):
            return Response(b"ok") if confirm(delivery.url) else Response(b"only URLs of 127.0.0.1 are confirmed", 403)
        subscribed = self.mailboxes.get(delivery.topic_arn)
        to = [address for address, policy in (subscribed or {}).items() if takes(policy, delivery.attributes)]
        if subscribed and not to:
            return Response(b"ok")  # SNS took a message that no subscription wants
        self._shelf.accept(
            lambda now: Mail(
                accepted_at=now,
                subject=delivery.subject,
                body=delivery.body,
                message_id=delivery.message_id,
                topic_arn=delivery.topic_arn,
                to=tuple(to),
                attributes=delivery.attributes,
            )
        )
        return Response(b"ok")

    def _list_faults(self, _request: Request) -> Response:
        return json_response([asdict(fault) for fault in self._faults.waiting])

    def _add_fault(self, request: Request) -> Response:
        try:
            self.fault(Fault(**json.loads(request.body)))
        except (TypeError, ValueError) as wrong:
            return Response(str(wrong).encode(), 400)
        return self._list_faults(request)

    def _clear_faults(self, request: Request) -> Response:
        self.clear_faults()
        return self._list_faults(request)
