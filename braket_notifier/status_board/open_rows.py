"""The open resources on the status board: a row for each device and each hybrid job."""

from datetime import datetime, timedelta

from braket_notifier.braket.availability import ONLINE
from braket_notifier.braket.devices import device
from braket_notifier.domain.reminder import NEAR_LIMIT
from braket_notifier.domain.resource import Children, Snapshot
from braket_notifier.rendering.words.names import name
from braket_notifier.rendering.words.opening import opening
from braket_notifier.rendering.words.queue import tasks_ahead
from braket_notifier.status_board.html_parts import ahead, bar, colour, escaped, link, more, row, small, word
from braket_notifier.status_board.report import DeviceLine, StatusReport
from braket_notifier.text.wording import clock_time, duration, number
from braket_notifier.tracking.ports import OpenRow
from braket_notifier.watching.causes import is_near_limit
from braket_notifier.watching.queue import earlier_position, last_position
from braket_notifier.watching.watched import Seen


def devices(report: StatusReport, zone: str) -> str:
    if not report.devices:
        hint = "None is open." if report.jobs else "Submitted tasks and jobs appear here once Braket reports them."
        return f'<h3>Quantum tasks</h3><p class="bn-empty">{hint}</p>'
    most = max(line.open for line in report.devices)
    lines = "".join(_device(line, most, report.at, zone) for line in report.devices)
    hidden = more(report.device_count - len(report.devices), "device")
    return f"<h3>Quantum tasks{_legend(report)}</h3>{lines}{hidden}"


def _legend(report: StatusReport) -> str:
    statuses = dict.fromkeys(status for line in report.devices for status in line.counts)
    marks = (f'<span><i class="{colour(status)}"></i>{escaped(word(status))}</span>' for status in statuses)
    return f'<span class="bn-legend">{"".join(marks)}</span>'


def _device(line: DeviceLine, most: int, now: datetime, zone: str) -> str:
    named = device(line.device)
    place = ", ".join(filter(None, (escaped(named.kind), escaped(line.region), _state(line.seen, zone, now))))
    label = ", ".join(f"{number(count)} {word(status)}" for status, count in line.counts.items())
    stack = bar(((status, count / most) for status, count in line.counts.items()), label)
    return row(
        ("name", (escaped(named.full) or "device unknown") + small(place)),
        ("many", number(line.open)),
        ("drawn", stack),
        ("right", _oldest(line, now)),
    )


def _state(seen: Seen | None, zone: str, now: datetime) -> str:
    """Show a device that is out in the colour of failures, because none of its tasks will start."""
    found = escaped(opening(seen.answer, seen.since, zone, now)) if seen else ""
    return f'<span class="bn-bad">{found}</span>' if seen and seen.answer.status != ONLINE else found


def _oldest(line: DeviceLine, now: datetime) -> str:
    """Show the oldest task, and the wait of another one that waits longest."""
    called = name(line.row.snapshot) if line.row else line.oldest.arn.short_id
    is_waiting = line.waits == line.oldest
    wait = f"longest wait {_age(line.waits, now)}" if line.waits and not is_waiting else ""
    queue = _queue(line, now) or (ahead(line.row.snapshot) if line.row and not wait else "")
    label = "longest wait" if is_waiting else "oldest"
    return f'<span class="bn-soft">{label}</span> {_age(line.oldest, now)}' + small(
        " · ".join(filter(None, (link(line.oldest.arn, called), wait, queue)))
    )


def _queue(line: DeviceLine, now: datetime) -> str:
    """Show the tasks ahead of the one that waits longest, as the last sweeps read them."""
    if line.waits is None:
        return ""
    last, earlier = (find(line.seen, line.waits.arn, now) for find in (last_position, earlier_position))
    return escaped(tasks_ahead("task", last, earlier))


def _age(row: OpenRow, now: datetime) -> str:
    return duration(now - row.created_at) if row.created_at else "age unknown"


def jobs(report: StatusReport, zone: str) -> str:
    if not report.jobs:
        return ""
    lines = "".join(_job(each.snapshot, report.at, zone) for each in report.job_rows)
    return f"<h3>Hybrid jobs</h3>{lines}{more(report.jobs - len(report.job_rows), 'hybrid job')}"


def _job(job: Snapshot, now: datetime, zone: str) -> str:
    place = ", ".join(filter(None, (device(job.device).full, job.instance_type)))
    return row(
        ("name", link(job.arn, name(job)) + small(escaped(place))),
        ("many", ""),
        ("drawn", _progress(job, now, zone)),
        ("right", _tasks(job.children)),
    )


def _progress(job: Snapshot, now: datetime, zone: str) -> str:
    """Show when Braket stops a job near its limit, in a colour that no status has."""
    if not job.started_at:
        waits = f"{escaped(word(job.status))}, waited {duration(now - job.created_at)}" if job.created_at else "waiting"
        return small(" · ".join(filter(None, (waits, ahead(job)))))
    ran = now - job.started_at
    if not job.max_runtime_s:
        return small(f"ran {duration(ran)}")
    limit, is_near = timedelta(seconds=job.max_runtime_s), is_near_limit(job, now)
    stops = f"⏱ stops at {clock_time(job.started_at + limit, zone, now)}, " if is_near else ""
    text = f"{stops}ran {duration(ran)} of max {duration(limit)}"
    share = min(1.0, max(0.0, ran / limit))
    return bar([(NEAR_LIMIT if is_near else job.status, share)], text) + small(text)


def _tasks(children: Children | None) -> str:
    """Show submitted tasks as "so far", because their final number is unknown before the end."""
    if not children or not children.submitted:
        return ""
    ok = number(children.completed)
    partial = f" · {number(children.partial)} partial" if children.partial else ""
    failed = f' · <span class="bn-bad">{number(children.failed)} failed</span>' if children.failed else ""
    return f"{ok} ok{small(f'of {number(children.submitted)} submitted so far{partial}{failed}')}"
