"""The stack of a further region, which only forwards its Braket events to the bus in the home region."""

from aws_cdk import Arn, ArnComponents, Environment, LegacyStackSynthesizer, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from braket_notifier import PRODUCT, __version__
from braket_notifier.settings.notifier_toml import Settings
from infra.grants import acting_for
from infra.queues import undelivered_name, undelivered_queue

#: Forwarded kinds of event; the source alone would also match CloudTrail, devices and spending limits.
DETAIL_TYPES = ["Braket Task State Change", "Braket Job State Change"]


def tags_of(settings: Settings) -> dict[str, str]:
    """The tags of a stack, which CloudFormation puts on its resources too."""
    return {**settings.tags, "version": __version__}


def described(purpose: str) -> str:
    return f"{purpose} ({PRODUCT} {__version__})"


class ForwardingStack(Stack):
    """A rule that forwards Braket's events of its region; a queue keeps events that the home bus refuses.

    Unless `bootstrapped`, the stack needs no bootstrap of CDK: it has no file to store there, and the caller's own
    rights create it.
    """

    def __init__(
        self, scope: Construct, settings: Settings, *, region: str, event_source: str, bootstrapped: bool
    ) -> None:
        super().__init__(
            scope,
            f"{settings.name}-{region}",
            description=described("Forwards Amazon Braket's status changes to the notifier in its home region"),
            tags=tags_of(settings),
            env=Environment(region=region),
            analytics_reporting=False,
            # BootstraplessSynthesizer would still name the roles of a bootstrap.
            synthesizer=None if bootstrapped else LegacyStackSynthesizer(),
        )
        bus = ArnComponents(service="events", region=settings.home, resource="event-bus", resource_name=settings.name)
        home = events.EventBus.from_event_bus_arn(self, "Home", Arn.format(bus, self))
        undelivered = undelivered_queue(self, settings.name)
        forward = targets.EventBus(home, dead_letter_queue=undelivered, role=self._role(f"{settings.name}-changes"))
        changes(self, settings.name, event_source).add_target(forward)

    def _role(self, rule: str) -> iam.Role:
        """A role for this rule only; CDK's own role would trust the rules of every account."""
        arn = self.format_arn(service="events", resource="rule", resource_name=rule)
        return iam.Role(self, "Role", assumed_by=acting_for(self, "events.amazonaws.com", arn))


def forwarding_queues(scope: Construct, settings: Settings) -> dict[str, sqs.IQueue]:
    """The queue of refused events by region, known by its name because its stack is deployed later."""
    stack, further = Stack.of(scope), [region for region in settings.regions if region != settings.home]
    name = undelivered_name(settings.name)
    arns = {each: stack.format_arn(service="sqs", region=each, resource=name) for each in further}
    return {each: sqs.Queue.from_queue_arn(scope, f"Forwarding-{each}", arn) for each, arn in arns.items()}


def home_bus(scope: Construct, name: str) -> events.EventBus:
    """The installation's own bus; on the default bus, other rules would match forwarded events a second time."""
    return events.EventBus(scope, "Bus", event_bus_name=name)


def changes(scope: Construct, name: str, event_source: str, bus: events.IEventBus | None = None) -> events.Rule:
    """The rule that matches Braket's two kinds of status change, on the default bus or another."""
    return events.Rule(
        scope,
        "Forwarded" if bus else "Changes",
        rule_name=f"{name}-forwarded" if bus else f"{name}-changes",
        event_bus=bus,
        event_pattern=events.EventPattern(source=[event_source], detail_type=DETAIL_TYPES),
    )
