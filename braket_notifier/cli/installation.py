"""A deployed notifier: its settings, and the resources of its stack through the operator's credentials."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from boto3.session import Session
from botocore.config import Config
from botocore.model import OperationModel

from braket_notifier.adapters.aws.sqs import SqsChannelQueues
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.cli.sentences import SERVER_ERROR, CommandError, PageError, Tolerated
from braket_notifier.cli.show import warn_of_skipped
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import TERMINAL_RANK, Arn, Snapshot
from braket_notifier.domain.transition import SnapshotRow
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.settings.notifier_toml import Settings

_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the stack: its type, its logical id and its physical id."""

    type: str
    logical: str
    physical: str

    @property
    def name(self) -> str:
        """The last part of an ARN or of a queue's URL; otherwise the physical id."""
        return self.physical.rpartition("/")[2].rpartition(":")[2]


def session_of(profile: str | None) -> Session:
    """A session whose clients raise PageError for a captive portal's page, over which botocore fails in many ways."""
    session = Session(profile_name=profile)
    session.events.register("before-parse", _refuse_page)
    return session


def _refuse_page(operation_model: OperationModel, response_dict: Mapping[str, Any], **_: object) -> None:
    body = response_dict["body"]
    is_page = isinstance(body, bytes) and body.lstrip()[:9].lower().startswith((b"<!doctype", b"<html"))
    if is_page and response_dict["status_code"] < SERVER_ERROR:  # those of AWS have pages too
        raise PageError(operation=operation_model.name)


class Installation:
    """Clients by service and region, and the tables and queues of the stack in the home region."""

    #: Whether a region that was left out goes on where it stopped; otherwise it begins anew.
    stays_watched = False

    def __init__(
        self, settings: Settings | None, session: Session, region: str, name: str = "", folder: Path = Path()
    ) -> None:
        self.name = settings.name if settings else name
        self.region = region
        #: The folder of the settings file, which may be in a clone.
        self.folder = folder
        self.found_settings = settings
        self._session = session
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = Lock()  # a session is not safe for threads

    @property
    def option(self) -> str:
        """The option by which another command works on this notifier; none for that of the settings."""
        return ""

    @property
    def says_why(self) -> str:
        """Where an operator reads why a channel accepts nothing."""
        return "see `braket-notifier doctor`"

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - typed by literal names only
        at = (service, region or self.region)
        if not at[1]:
            raise CommandError(f"the region of {self.name} is not known: name it by --region")
        with self._making:
            if at not in self._clients:
                self._clients[at] = self._new_client(*at)
            return self._clients[at]

    def _new_client(self, service: str, region: str) -> Any:  # noqa: ANN401 - typed by literal names only
        # AWS_MAX_ATTEMPTS sets the attempts, as for the AWS command line; botocore writes them into the object.
        config = Config(retries={"mode": "standard"}, connect_timeout=5, read_timeout=20)
        try:
            return self._session.client(service, region, config=config)  # type: ignore[call-overload]  # as above
        except ValueError as error:  # botocore's own for an endpoint or a number of attempts
            where = "check AWS_ENDPOINT_URL, AWS_MAX_ATTEMPTS and the profile"
            raise CommandError(f"the AWS settings of your environment are not valid ({error}): {where}") from error

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    @cached_property
    def _caller(self) -> Mapping[str, str]:
        return dict(self.client("sts").get_caller_identity())

    @property
    def account(self) -> str:
        return self._caller["Account"]

    @property
    def caller(self) -> str:
        """The user, or the role and its session, of the credentials."""
        kind, _, name = self._caller["Arn"].rpartition(":")[2].partition("/")
        return name or kind

    @property
    def partition(self) -> str:
        return self._caller["Arn"].split(":")[1]

    @property
    def settings(self) -> Settings:
        if self.found_settings is None:
            raise CommandError("the command needs the settings file: name it by --settings")
        return self.found_settings

    @cached_property
    def policy(self) -> Policy:
        """The policy of the settings file; without a file, the regions and channels of the deployed policy."""
        if self.found_settings:
            return parse_policy(self.found_settings.policy())
        try:
            return parse_policy({"version": 1, "time_zone": "UTC", "routes": [], **self.deployed})
        except ValueError as error:
            raise CommandError(f"the stack {self.name} is newer than this command: {error}") from error

    @property
    def time_zone(self) -> str:
        return str(self.found_settings.policy()["time_zone"]) if self.found_settings else "UTC"

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The outputs of the stack. Raises CommandError if there is no stack."""
        self.resources  # noqa: B018 - CommandError if there is no stack
        stack = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    @property
    def deployed(self) -> Mapping[str, Any]:
        """The hash, home region, watched regions and channels of the deployed settings."""
        if "Settings" not in self.outputs:
            raise CommandError(f"the stack {self.name} is older than this command: `braket-notifier deploy` updates it")
        return dict(json.loads(self.outputs["Settings"]))

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """The resources of the stack. Raises CommandError if there is no stack."""
        pages, found = self.client("cloudformation").get_paginator("list_stack_resources"), list[Resource]()
        with Tolerated("ValidationError"):
            found = [
                Resource(each["ResourceType"], each["LogicalResourceId"], each.get("PhysicalResourceId", ""))
                for page in pages.paginate(StackName=self.name)
                for each in page["StackResourceSummaries"]
            ]
        if not found:  # as of a stack that is only reviewed, because its first deployment ended early
            named = "`braket-notifier deploy`, or name its --region"
            remedy = named if self.found_settings else "give its --name and --region"
            raise CommandError(f"there is no stack {self.name} in {self.region}: {remedy}")
        return tuple(found)

    @cached_property
    def snapshots(self) -> DynamoSnapshots:
        kept, stays = self.policy.retention_days, self.stays_watched
        return DynamoSnapshots(self.table("Snapshots"), kept, on_skipped=warn_of_skipped, stays_watched=stays)

    def open_resources(self) -> list[Snapshot]:
        """The open resources as they are recorded; the index also has ends that are not enqueued yet."""
        rows = (row for region in dict.fromkeys(self.policy.regions) for row in self.snapshots.open(region))
        arns = [row.arn for row in rows if row.rank < TERMINAL_RANK]
        return [row.snapshot for row in self.snapshots.rows_of(arns).values()]

    def row_of(self, arn: Arn) -> SnapshotRow:
        """The row of a resource. Raises CommandError if there is none."""
        if row := self.snapshots.get(arn):
            return row
        raise CommandError(f"the notifier has never seen {arn}: `braket-notifier explain {arn}` asks Braket itself")

    @cached_property
    def deliveries(self) -> Table:
        return self.table("Deliveries")

    @cached_property
    def ledger(self) -> DynamoLedger:
        return DynamoLedger(self.deliveries)

    @cached_property
    def queues(self) -> SqsChannelQueues:
        return SqsChannelQueues(self.client("sqs"), self.channel_queues)

    @cached_property
    def channel_queues(self) -> Mapping[str, str]:
        """The URL of each deployed channel's queue."""
        begins = f"{self.name}-deliver-"
        queues = (each for each in self.resources if each.type == "AWS::SQS::Queue" and each.name.startswith(begins))
        return {each.name.removeprefix(begins): each.physical for each in queues}

    def queue_of(self, channel: str) -> str:
        """The URL of a channel's queue. Raises CommandError if the policy or the stack does not have the channel."""
        known = ", ".join(self.policy.channels)
        if channel not in self.policy.channels:
            raise CommandError(f"{channel} is not a channel of {self.name}: {known}")
        if channel not in self.channel_queues:
            raise CommandError(f"{channel} is in the settings but not in the stack: `braket-notifier deploy` adds it")
        return self.channel_queues[channel]

    def queue(self, name: str) -> str:
        """The URL of one of the notifier's own queues: `events` or `undelivered`."""
        return self._one("AWS::SQS::Queue", lambda each: each.name == f"{self.name}-{name}").physical

    def depth(self, url: str, region: str | None = None, *, visible: bool = True) -> int:
        """The number of records in a queue: visible unless only others are wanted, in flight and delayed."""
        names = _COUNTS if visible else _COUNTS[1:]
        counts = self.client("sqs", region).get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
        return sum(int(counts.get(name, 0)) for name in names)

    def topic(self, name: str) -> str:
        """The ARN of one of the notifier's own topics: `alarms`, or `deliver-` and an e-mail channel's name."""
        return self._one("AWS::SNS::Topic", lambda each: each.name == f"{self.name}-{name}").physical

    def table(self, kind: str) -> Table:
        """A table, found by its logical id, because CloudFormation chose its physical name."""
        found = self._one("AWS::DynamoDB::Table", lambda each: each.logical.startswith(f"Storage{kind}"))
        return Table(self.client("dynamodb"), found.physical)

    def _one(self, kind: str, wanted: Callable[[Resource], bool]) -> Resource:
        for each in self.resources:
            if each.type == kind and wanted(each):
                return each
        raise CommandError(f"the stack {self.name} lacks an {kind}: `braket-notifier deploy` adds it")
