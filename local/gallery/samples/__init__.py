"""Samples of every kind of message, from committed answers of Braket: for the goldens and the preview page."""

from local.gallery.samples.digests import DIGESTS
from local.gallery.samples.jobs import JOBS
from local.gallery.samples.outages import OUTAGES
from local.gallery.samples.people import PEOPLE
from local.gallery.samples.reminders import REMINDERS
from local.gallery.samples.sample import POLICY, Sample, transitions_of
from local.gallery.samples.spending import SPENDING
from local.gallery.samples.tasks import TASKS
from local.gallery.samples.unknown import UNKNOWN
from local.gallery.samples.weekly import WEEKLY

SAMPLES = (*TASKS, *JOBS, *DIGESTS, *OUTAGES, *PEOPLE, *UNKNOWN, *WEEKLY, *REMINDERS, *SPENDING)
#: The most frequent messages of a team.
SIX = (
    "task-completed",
    "task-rejected",
    "program-set-partial-read",
    "job-completed",
    "digest-batch",
    "reservation-ended",
)

__all__ = ["POLICY", "SAMPLES", "SIX", "Sample", "transitions_of"]
