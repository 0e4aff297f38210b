"""Every kind of message there is, from committed answers of Braket: for the goldens and for the preview page."""

from local.gallery.samples.digests import DIGESTS
from local.gallery.samples.jobs import JOBS
from local.gallery.samples.sample import POLICY, Sample, transitions_of
from local.gallery.samples.tasks import TASKS
from local.gallery.samples.unknown import STRANGERS

SAMPLES = (*TASKS, *JOBS, *DIGESTS, *STRANGERS)
#: The messages that a team sees most.
SIX = (
    "task-completed",
    "task-rejected",
    "program-set-partial-read",
    "job-completed",
    "digest-batch",
    "reservation-ended",
)

__all__ = ["POLICY", "SAMPLES", "SIX", "Sample", "transitions_of"]
