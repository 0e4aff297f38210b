"""The routes of settings without routes of their own, by which channels exist; the first own route replaces them."""

from braket_notifier.settings.schema import Table, channels_of

_ENDS = ["COMPLETED", "FAILED", "CANCELLED"]


def default_routes(channels: Table) -> list[Table]:
    """Slack gets ends and a job's begin, e-mail beside it what went wrong; without Slack e-mail gets every end.

    Machines have no default routes, because only their owner knows what they react to.
    """
    slack, mail = channels_of(channels, "slack"), channels_of(channels, "email")
    people = slack or mail
    if not people:
        return []
    job: Table = {"status": ["RUNNING", *_ENDS], "silent": ["RUNNING"]} if slack else {"status": _ENDS}
    routes: list[Table] = [
        {"to": people, "kind": "task", "device_type": "qpu", "status": _ENDS},
        {"to": people, "kind": "task", "device_type": "simulator", "status": ["COMPLETED"], "took_over": "5m"},
        {"to": people, "kind": "task", "device_type": "simulator", "status": _ENDS[1:], "took_over": "1m"},
        {"to": people, "kind": "job", **job},
    ]
    if slack and mail:
        routes += [
            {"to": mail, "kind": "job", "status": ["FAILED"]},
            {"to": mail, "kind": "task", "device_type": "qpu", "status": ["FAILED"], "partial": True},
        ]
    return routes
