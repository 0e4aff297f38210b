"""CloudFormation as far as the command asks it: which stacks there are, and what is in them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tests.serving import serving

Resource = tuple[str, str, str]  # its type, its name in the template, the name that it got


@dataclass
class CloudFormation:
    """The stacks by region and name; any other is refused in CloudFormation's own words."""

    url: str = ""
    stacks: dict[tuple[str, str], Sequence[Resource]] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    def answer(self, region: str, asked: Mapping[str, list[str]]) -> tuple[int, str]:
        [action], [name] = asked["Action"], asked["StackName"]
        if (region, name) not in self.stacks:
            said = f"Stack with id {name} does not exist"
            error = f"<Error><Type>Sender</Type><Code>ValidationError</Code><Message>{said}</Message></Error>"
            return 400, f"<ErrorResponse>{error}</ErrorResponse>"
        resources = self.stacks[region, name]
        found = "".join(map(_member, resources)) if action == "ListStackResources" else _stack(name, self.outputs)
        member = "StackResourceSummaries" if action == "ListStackResources" else "Stacks"
        return 200, (
            f"<{action}Response><{action}Result><{member}>{found}</{member}></{action}Result></{action}Response>"
        )


@contextmanager
def cloudformation() -> Iterator[CloudFormation]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            region = self.headers["Authorization"].split("/")[2]  # the scope of the signature names it
            status, body = running.answer(region, asked)
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())
            self.close_connection = True

    with serving(Handler) as url:
        running = CloudFormation(url)
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
