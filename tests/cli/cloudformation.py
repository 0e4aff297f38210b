"""A CloudFormation server for the requests of the command line: stacks, their resources and outputs."""

from collections.abc import Iterator, Mapping, Sequence
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
    outputs: dict[str, str] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        parameters = parse_qs(request.body.decode())
        region = request.headers["authorization"].split("/")[2]  # the scope of the signature names it
        [action], [name] = parameters["Action"], parameters["StackName"]
        if (region, name) not in self.stacks:
            message = f"Stack with id {name} does not exist"
            error = f"<Error><Type>Sender</Type><Code>ValidationError</Code><Message>{message}</Message></Error>"
            return Response(f"<ErrorResponse>{error}</ErrorResponse>".encode(), 400)
        resources = self.stacks[region, name]
        found = "".join(map(_member, resources)) if action == "ListStackResources" else _stack(name, self.outputs)
        member = "StackResourceSummaries" if action == "ListStackResources" else "Stacks"
        result = f"<{action}Result><{member}>{found}</{member}></{action}Result>"
        return Response(f"<{action}Response>{result}</{action}Response>".encode())


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


def _stack(name: str, outputs: Mapping[str, str]) -> str:
    times = "<CreationTime>2026-11-20T12:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>"
    members = (
        f"<member><OutputKey>{key}</OutputKey><OutputValue>{escape(value)}</OutputValue></member>"
        for key, value in outputs.items()
    )
    return f"<member><StackName>{name}</StackName>{times}<Outputs>{''.join(members)}</Outputs></member>"
