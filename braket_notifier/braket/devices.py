"""What people call Braket's devices: a table by ARN, and the ARN's own parts for unknown ones."""

from dataclasses import dataclass

from braket_notifier.text.wording import clean, cut

MOST = 60
#: A phone has no room for more beside a name and a figure.
_PUSHED = 16


@dataclass(frozen=True, slots=True)
class Device:
    """A device's names and QPU or simulator (empty: neither is known)."""

    short: str
    full: str
    #: Braket's own name, as it ends the ARN.
    model: str
    #: With its provider where there is room, for a push line.
    pushed: str
    kind: str = ""

    @property
    def described(self) -> str:
        return f"{self.full} ({self.kind})" if self.kind else self.full


#: ARN → short name, and the name after the provider.
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
    """Name a device by its ARN; a hybrid job's `local:…` device and any other text names itself."""
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
    """`qpu` or `simulator`, by the device's ARN; empty for a job's local device."""
    kind = device.split(":device/", 1)[-1].split("/", 1)[0] if ":device/" in device else ""
    return {"qpu": "qpu", "quantum-simulator": "simulator"}.get(kind, "")
