"""The routes of settings without routes of their own, by which channels exist; the first own route replaces them."""

from functools import partial

from braket_notifier.settings.schema import CHATS, Table, channels_of, direct_of, shared_of

_ENDS = ["COMPLETED", "FAILED", "CANCELLED"]


def default_routes(channels: Table) -> list[Table]:
    """Chats get ends and a job's begin, e-mail beside them what went wrong; without a chat e-mail gets every end.

    Channels that write to owners count apart: an owner's e-mail beside direct messages gets what went wrong too.
    Machines have no default routes, because only their owner knows what they react to.
    """
    shared, direct = partial(shared_of, channels), partial(direct_of, channels)
    chats, mail = channels_of(channels, *CHATS), channels_of(channels, "email")
    beside = [*(shared("email") if shared(*CHATS) else ()), *(direct("email") if direct(*CHATS) else ())]
    alone = [name for name in mail if name not in beside]
    routes = _ends(chats, {"status": ["RUNNING", *_ENDS], "silent": ["RUNNING"]}) + _ends(alone, {"status": _ENDS})
    if beside:
        routes += [
            {"to": beside, "kind": "job", "status": ["FAILED"]},
            {"to": beside, "kind": "task", "device_type": "qpu", "status": ["FAILED"], "partial": True},
        ]
    return routes


def _ends(people: list[str], job: Table) -> list[Table]:
    if not people:
        return []
    return [
        {"to": people, "kind": "task", "device_type": "qpu", "status": _ENDS},
        {"to": people, "kind": "task", "device_type": "simulator", "status": ["COMPLETED"], "took_over": "5m"},
        {"to": people, "kind": "task", "device_type": "simulator", "status": _ENDS[1:], "took_over": "1m"},
        {"to": people, "kind": "job", **job},
    ]
