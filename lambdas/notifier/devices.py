"""What people call Braket's devices: a table by the end of the ARN, and the ARN's own parts for unknown ones."""

from dataclasses import dataclass

from notifier.text import clean, cut


@dataclass(frozen=True, slots=True)
class Device:
    """A device's short name, its name with the provider, and QPU or simulator (empty: neither is known)."""

    short: str
    full: str
    kind: str = ""

    @property
    def described(self) -> str:
        return f"{self.full} ({self.kind})" if self.kind else self.full


_QPUS = {
    "aqt/Ibex-Q1": ("IBEX-Q1", "AQT IBEX-Q1"),
    "ionq/Aria-1": ("Aria 1", "IonQ Aria 1"),
    "ionq/Forte-1": ("Forte 1", "IonQ Forte 1"),
    "ionq/Forte-Enterprise-1": ("Forte Enterprise", "IonQ Forte Enterprise 1"),
    "iqm/Emerald": ("Emerald", "IQM Emerald"),
    "iqm/Garnet": ("Garnet", "IQM Garnet"),
    "quera/Aquila": ("Aquila", "QuEra Aquila"),
    "rigetti/Ankaa-3": ("Ankaa-3", "Rigetti Ankaa-3"),
    "rigetti/Cepheus-1-108Q": ("Cepheus-1", "Rigetti Cepheus-1-108Q"),
}
_KINDS = {"qpu": "QPU", "quantum-simulator": "simulator"}


def device(arn: str) -> Device:
    """Name a device by its ARN; a hybrid job's `local:…` device and any other text names itself."""
    _, _, path = arn.partition(":device/")
    kind, _, name = path.partition("/")
    provider, _, model = name.partition("/")
    if not model:
        own = cut(clean(arn), 60) or "no device"
        return Device(own, own)
    if kind == "quantum-simulator" and provider == "amazon":
        return Device(cut(clean(model.upper()), 60), cut(clean(model.upper()), 60), "simulator")
    by_parts = (clean(model), f"{clean(provider).title()} {clean(model)}")
    short, full = _QPUS.get(name, by_parts) if kind == "qpu" else by_parts
    return Device(cut(short, 60), cut(full, 60), _KINDS.get(kind, ""))
