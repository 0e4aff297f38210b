"""Names of Braket's devices, from a table by ARN. A device outside the table is named by the parts of its ARN."""

from dataclasses import dataclass

from braket_notifier.text.wording import clean, cut

#: Characters of a name that a message shows.
MOST = 60
#: Braket's word for a hybrid job without a device.
NO_DEVICE = "local:none/none"
#: Characters of a device's name in a push line, because a phone shows a resource's name and a figure beside it.
_PUSHED = 16


@dataclass(frozen=True, slots=True)
class Device:
    """The names of a device. `kind` is QPU, simulator or, if it is unknown, empty."""

    short: str
    full: str
    #: Braket's own name, the end of the ARN.
    model: str
    #: Name for a push line, with the provider if both fit.
    pushed: str
    kind: str = ""

    @property
    def described(self) -> str:
        return f"{self.full} ({self.kind})" if self.kind else self.full


#: Short name, and name after the provider, by ARN.
DEVICES = {
    "arn:aws:braket:eu-north-1::device/qpu/aqt/Ibex-Q1": ("IBEX-Q1", "IBEX-Q1"),
    "arn:aws:braket:us-east-1::device/qpu/ionq/Aria-1": ("Aria", "Aria 1"),
    "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1": ("Forte", "Forte 1"),
    "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-Enterprise-1": ("Forte Enterprise", "Forte Enterprise 1"),
    "arn:aws:braket:eu-north-1::device/qpu/iqm/Emerald": ("Emerald", "Emerald"),
    "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet": ("Garnet", "Garnet"),
    "arn:aws:braket:us-east-1::device/qpu/quera/Aquila": ("Aquila", "Aquila"),
    "arn:aws:braket:us-west-1::device/qpu/rigetti/Ankaa-3": ("Ankaa-3", "Ankaa-3"),
    "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q": ("Cepheus-1", "Cepheus-1-108Q"),
}
_MAKERS = {"aqt": "AQT", "ionq": "IonQ", "iqm": "IQM", "quera": "QuEra", "rigetti": "Rigetti"}
_KINDS = {"qpu": "QPU", "quantum-simulator": "simulator"}


def device(arn: str) -> Device:
    """Return the names of an ARN. A hybrid job's `local:…` device and any other text is its own name."""
    arn = "" if arn == NO_DEVICE else arn
    kind, _, rest = arn.partition(":device/")[2].partition("/")
    provider, _, model = rest.partition("/")
    if not model:
        own = cut(clean(arn), MOST)
        return Device(own, own, own, own)
    if kind == "quantum-simulator" and provider == "amazon":
        own = cut(clean(model.upper()), MOST)
        return Device(own, own, own, own, "simulator")
    maker = _MAKERS.get(provider) or clean(provider).title()
    short, long = DEVICES.get(arn, (clean(model), clean(model)))
    both = f"{maker} {short}".strip()
    pushed = both if len(both) <= _PUSHED else short
    short, full, own, pushed = (cut(each, MOST) for each in (short, f"{maker} {long}".strip(), clean(model), pushed))
    return Device(short, full, own, pushed, _KINDS.get(kind, ""))


def device_type(device: str) -> str:
    """Return `qpu` or `simulator`, by the ARN; empty for a hybrid job's local device."""
    return _KINDS.get(device.partition(":device/")[2].partition("/")[0], "").lower()
