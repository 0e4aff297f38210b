"""The stack of the home region."""

import json

from aws_cdk import Duration, Environment, Stack
from constructs import Construct

from braket_notifier.settings.notifier_toml import Settings
from infra.alarms import Alarms
from infra.board import StatusBoard
from infra.dashboard import dashboard
from infra.deliver import Deliver, is_read_by_people
from infra.function import Staged, parts
from infra.key import own_key
from infra.observe import Observe
from infra.outputs import outputs
from infra.queues import undelivered_queue
from infra.region import described, forwarding_queues, tags_of
from infra.settings_version import settings_version
from infra.storage import Storage
from infra.sweep import Sweep
from infra.tracking_resources import TrackingResources

#: The member of the template's metadata from which the command line reads the deployed settings.
SETTINGS = "settings"


class HomeStack(Stack):
    """Events, schedule and tables, and one queue and function for each channel."""

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        *,
        staged: Staged,
        event_source: str,
        deployment: str,
    ) -> None:
        super().__init__(
            scope,
            settings.name,
            description=described("Notifies of Amazon Braket quantum tasks and hybrid jobs that change their status"),
            tags=tags_of(settings),
            env=Environment(region=settings.home),
            analytics_reporting=False,
        )
        key = own_key(self, settings.name) if settings.own_key else None
        # as texts, because cfn-lint knows no fractions in metadata
        self.template_options.metadata = {SETTINGS: {key: json.dumps(value) for key, value in settings.keys.items()}}
        numbered = settings_version(self, settings.name, staged.digest)
        made_of = parts(self, settings.name, staged, settings_version=numbered, key=key)
        storage = Storage(self, key)
        undelivered = undelivered_queue(self, settings.name, key)
        delivers = {
            name: Deliver(self, name, channel, parts=made_of, storage=storage, undelivered=undelivered)
            for name, channel in settings.channels.items()
        }
        shared = {name: (fallback,) for name, fallback in settings.fallbacks.items()}
        for name, fallbacks in {**shared, **settings.people_fallbacks}.items():
            if fallbacks:
                delivers[name].pass_on_to({each: delivers[each].queue for each in fallbacks})
        for name, channel in settings.channels.items():
            if settings.result_buckets and is_read_by_people(channel):
                delivers[name].read_results(settings.result_buckets)
        alarms = Alarms(
            self,
            settings.name,
            sweep_every_s=settings.sweep_every_s,
            addresses=settings.alarms,
            key=key,
            undelivered=undelivered,
        )
        mail = alarms.mailboxes.copy()
        for deliver in delivers.values():
            mail |= deliver.mailboxes
        queues = {name: each.queue for name, each in delivers.items()}
        outputs(
            self,
            settings,
            facts={
                "Python": ("Python of the functions", staged.python),
                "SettingsVersion": ("Number of the deployed settings", numbered),
                "Deployment": ("Who deployed, when and from which commit", deployment),
            },
            channels=delivers,
            queues=queues,
            alarms=alarms,
            undelivered=undelivered,
        )
        ports = TrackingResources(storage.snapshots, storage.deliveries, queues)
        every = Duration.seconds(settings.sweep_every_s)
        consumers = [each.function for each in delivers.values()]
        if settings.dashboard:
            board = StatusBoard(self, parts=made_of, snapshots=storage.snapshots, undelivered=undelivered)
            dashboard(self, settings.name, settings.channels, alarms.each, board.function)
            consumers.append(board.function)
        observe = Observe(self, parts=made_of, ports=ports, undelivered=undelivered, event_source=event_source)
        forwarding = forwarding_queues(self, settings)
        sweep = Sweep(
            self, parts=made_of, ports=ports, undelivered=undelivered, every=every, mail=mail, forwarding=forwarding
        )
        if settings.who_submitted:
            sweep.look_up_submitters()
        if settings.weekly_to_alarms and alarms.topic:
            sweep.send_weekly_line(alarms.topic)
        for producer in (observe, sweep):
            producer.function.update_after(consumers)
