"""Amazon's public prices for us-east-1, as far as the benchmark needs them, and the price of a month's use.

Each price is from the service's page, aws.amazon.com/SERVICE/pricing, through secondary quotations, because no AWS
page was reachable at the time of writing. The source and its date stand beside each.
"""

from dataclasses import dataclass

from infra.function import MEMORY_MB

#: arm64, per GB and second, and per request: AWS Lambda, 2026.
GB_SECOND, INVOCATION = 0.0000133334, 0.20e-6
#: Per unit on demand: Amazon DynamoDB since its prices were halved, November 2024; quoted July 2025.
WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
#: Standard queues, per request of up to 64 KB: Amazon SQS, March 2026.
SQS_REQUEST = 0.40e-6
#: Per e-mail: Amazon SNS, June 2026.
EMAIL = 2.00e-5
#: Per schedule that fires: EventBridge Scheduler, March 2026. Events of AWS services on the default bus are free.
TICK = 1.00e-6
#: Standard resolution: Amazon CloudWatch, 2026.
ALARM = 0.10
#: Per GB of log lines taken in, and per trace recorded: Amazon CloudWatch and AWS X-Ray, 2026.
LOG_GB, TRACE = 0.50, 5.00e-6
#: Each month free, always: the same pages.
FREE_INVOCATIONS, FREE_GB_S, FREE_SQS, FREE_EMAILS, FREE_TICKS, FREE_ALARMS = 1e6, 400_000, 1e6, 1_000, 14e6, 10
FREE_LOG_GB, FREE_TRACES = 5, 100_000


@dataclass(frozen=True, slots=True)
class Use:
    """The resources used in a month."""

    invocations: float
    seconds: float
    writes: float
    reads: float
    sqs: float
    emails: float
    ticks: float
    alarms: int
    #: GetQuantumTask requests: free, but from a quota that the users' programs share.
    gets: float
    log_bytes: float = 0.0
    traces: float = 0.0

    def dollars(self, *, free: bool) -> dict[str, float]:
        """Dollars by service; with `free`, only use beyond the always-free tier."""
        part = 1.0 if free else 0.0

        def paid(used: float, given: float, price: float) -> float:
            return max(0.0, used - part * given) * price

        gb_s = self.seconds * MEMORY_MB / 1024
        return {
            "Lambda": paid(self.invocations, FREE_INVOCATIONS, INVOCATION) + paid(gb_s, FREE_GB_S, GB_SECOND),
            "DynamoDB": self.writes * WRITE_UNIT + self.reads * READ_UNIT,
            "SQS": paid(self.sqs, FREE_SQS, SQS_REQUEST),
            "SNS": paid(self.emails, FREE_EMAILS, EMAIL),
            "Scheduler": paid(self.ticks, FREE_TICKS, TICK),
            "alarms": paid(self.alarms, FREE_ALARMS, ALARM),
            "logs": paid(self.log_bytes / 1e9, FREE_LOG_GB, LOG_GB),
            "X-Ray": paid(self.traces, FREE_TRACES, TRACE),
        }
