"""The checks of `doctor` for people: members of Slack, and the subscriptions of channels that write to owners."""

import json
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping

from braket_notifier.adapters.aws.subscriptions import is_confirmed
from braket_notifier.adapters.dynamodb.delivery_keys import destination_of
from braket_notifier.cli import slack
from braket_notifier.cli.checks.finding import Finding, bad, good, needs
from braket_notifier.cli.checks.subscriptions import EmailTopic
from braket_notifier.cli.installation import Installation
from braket_notifier.domain.destination import in_words, person_of
from braket_notifier.routing.owners import has_slack
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.settings.notifier_toml import Settings
from braket_notifier.text.wording import plural


def members(name: str, token: str, settings: Settings) -> Iterator[Finding]:
    """Each person whom Slack does not know, or whose messages it takes although nobody reads them any more."""
    people = [each for each in parse_policy(settings.policy()).people if has_slack(each)]
    states = {}
    try:
        for each in people:
            states[each] = slack.member(token, each.slack)
    except slack.SlackError as error:  # the others would wait for the same outage
        yield needs(f"{name}: whether people have left cannot be looked up ({error}); messages are sent without that")
    for person in (each for each, state in states.items() if state != "there"):
        who = f"{person.name} ({person.slack})"
        if states[person] == "unknown":
            yield bad(f"{name}: Slack does not know {who}: correct `slack` in [[people]]")
        else:
            yield bad(f"{name}: {who} is deactivated, so nobody reads the messages: remove `slack` from [[people]]")
    if len(states) == len(people) and set(states.values()) <= {"there"}:
        yield good(f"{name}: Slack knows everybody of [[people]] with a Slack ID")


def unreached(place: Installation) -> Iterator[Finding]:
    """Each person of whose notifications some went elsewhere, because the person's own address refuses them."""
    condition = "#state = :claimed AND attribute_exists(#passed_on_at)"
    rows = place.deliveries.matching(condition, {":claimed": "CLAIMED"})
    found = Counter(to for row in rows if person_of(to := destination_of(row)))
    for to, count in sorted(found.items()):
        yield needs(
            f"{in_words(to)}: {plural(count, 'notification')} went to the other address or to the team, because this "
            "one cannot be reached; they come here too once it can"
        )


def unfiltered(
    place: Installation, name: str, topic: EmailTopic, address: str, subscribed: Mapping[str, str]
) -> Iterator[Finding]:
    """Whether a confirmed address gets other people's mails too, because its subscription has no filter of its own."""
    arn, wanted = subscribed.get(address, ""), topic.filter_policy(address)
    if not is_confirmed(arn):
        return
    attributes = place.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    if json.loads(attributes.get("FilterPolicy", "{}")) != json.loads(wanted):
        step = f"--attribute-name FilterPolicy --attribute-value {shlex.quote(wanted)}"
        yield bad(
            f"{name}: {address} gets mails of others, because its subscription has no filter of its own: `aws sns "
            f"set-subscription-attributes --subscription-arn {arn} {step}`"
        )
