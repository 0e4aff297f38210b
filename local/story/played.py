"""The settings as the story plays them: where e-mail alone shows people what happens, it is not collected for long."""

from pathlib import Path

import tomlkit

from braket_notifier.domain.policy import MACHINES
from braket_notifier.settings.notifier_toml import ENCODING, Settings

#: The shortest time that `collect` allows, and the highest `flood_after`.
COLLECT, FLOOD_AFTER = "1m", 1000
REMARK = (
    "E-mail is collected for a minute here, and no flood waits, because the story passes a day in two minutes; "
    "a deployment follows your settings"
)


def as_played(path: Path, settings: Settings, copy: Path) -> Path:
    """The path of a copy of the settings whose e-mails come within the story; the path itself beside other channels."""
    if {each.type for each in settings.channels.values()} - MACHINES != {"email"}:
        return path
    document = tomlkit.parse(path.read_text(encoding=ENCODING)).unwrap()
    for each in document["channels"].values():
        if each["type"] == "email":
            each["collect"] = COLLECT
    document["defaults"] = {**document.get("defaults", {}), "flood_after": FLOOD_AFTER}
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(tomlkit.dumps(document), encoding="utf-8")
    return copy
