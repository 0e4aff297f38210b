"""A CloudFormation server for the requests of the command line: stacks, their resources and outputs."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from local.braket.serving import Request, Response, serving

Resource = tuple[str, str, str]  # type, logical id, physical id


@dataclass
class CloudFormation:
    """The stacks by region and name. Any other stack gets CloudFormation's error."""

    url: str = ""
    stacks: dict[tuple[str, str], Sequence[Resource]] = field(default_factory=dict)
    #: The outputs of every home stack, and of those in `outputs_of` their own.
    outputs: dict[str, str] = field(default_factory=dict)
    outputs_of: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    #: Stacks that the notifier did not make.
    foreign: set[tuple[str, str]] = field(default_factory=set)
    #: Regions in which a request without a stack's name gets this error's message.
    denied: dict[str, str] = field(default_factory=dict)
    #: Regions that answer no request without a stack's name for the moment.
    throttled: set[str] = field(default_factory=set)
    #: Regions in which every request gets this error's message.
    refused: dict[str, str] = field(default_factory=dict)
    #: Statuses of stacks other than CREATE_COMPLETE, and the failed resource and its reason.
    failed: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    #: The metadata of every template.
    metadata: dict[str, object] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        parameters = parse_qs(request.body.decode())
        region = request.headers["authorization"].split("/")[2]  # the scope of the signature names it
        [action], [name] = parameters["Action"], parameters.get("StackName", [""])
        if region in self.refused:
            return _error("AccessDenied", self.refused[region], 403)
        if not name and region in self.denied:
            return _error("AccessDenied", self.denied[region], 403)
        if not name and region in self.throttled:
            return _error("Throttling", "Rate exceeded", 400)
        if name and (region, name) not in self.stacks:
            return _error("ValidationError", f"Stack with id {name} does not exist", 400)
        if action == "GetTemplate":
            body = escape(json.dumps({"Metadata": self.metadata}))
            result = f"<GetTemplateResult><TemplateBody>{body}</TemplateBody></GetTemplateResult>"
            return Response(f"<GetTemplateResponse>{result}</GetTemplateResponse>".encode())
        if action == "DescribeStackEvents":
            member, found = "StackEvents", "".join(_events(name, *self.failed.get((region, name), ())))
        elif action == "ListStackResources":
            member, found = "StackResourceSummaries", "".join(map(_member, self.stacks[region, name]))
        else:
            names = [each for there, each in self.stacks if there == region and name in {"", each}]
            member, found = "Stacks", "".join(self._stack(region, each) for each in names)
        result = f"<{action}Result><{member}>{found}</{member}></{action}Result>"
        return Response(f"<{action}Response>{result}</{action}Response>".encode())

    def _stack(self, region: str, name: str) -> str:
        """A forwarding stack has no outputs."""
        own = {} if name.endswith(f"-{region}") else self.outputs
        outputs = self.outputs_of.get((region, name), own)
        members = (
            f"<member><OutputKey>{key}</OutputKey><OutputValue>{escape(value)}</OutputValue></member>"
            for key, value in outputs.items()
        )
        product = "" if (region, name) in self.foreign else "(Braket status notifier 0.0.1)"
        status = self.failed.get((region, name), ("CREATE_COMPLETE",))[0]
        times = f"<CreationTime>2026-11-20T12:00:00Z</CreationTime><StackStatus>{status}</StackStatus>"
        words = f"<StackName>{name}</StackName><Description>A stack {product}</Description>"
        return f"<member>{words}{times}<Outputs>{''.join(members)}</Outputs></member>"


@contextmanager
def cloudformation() -> Iterator[CloudFormation]:
    running = CloudFormation()
    with serving(running.answer) as running.url:
        yield running


def _member(resource: Resource) -> str:
    kind, logical, physical = resource
    return (
        f"<member><ResourceType>{kind}</ResourceType><LogicalResourceId>{logical}</LogicalResourceId>"
        f"<PhysicalResourceId>{physical}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus>"
        "<LastUpdatedTimestamp>2026-11-20T12:00:00Z</LastUpdatedTimestamp></member>"
    )


def _events(stack: str, status: str = "", logical: str = "", reason: str = "") -> Iterator[str]:
    """The newest first: the stack's end, a resource that was cancelled, and the resource that failed."""
    consequence = "Resource creation cancelled"
    for each, its, why in (
        (stack, status, ""),
        ("Other", "CREATE_FAILED", consequence),
        (logical, "CREATE_FAILED", reason),
    ):
        yield (
            f"<member><StackId>{stack}</StackId><EventId>{each}</EventId><StackName>{stack}</StackName>"
            f"<LogicalResourceId>{each}</LogicalResourceId><Timestamp>2026-11-20T12:00:00Z</Timestamp>"
            f"<ResourceStatus>{its}</ResourceStatus><ResourceStatusReason>{escape(why)}</ResourceStatusReason></member>"
        )


def _error(code: str, message: str, status: int) -> Response:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(f"<ErrorResponse>{error}</ErrorResponse>".encode(), status)
