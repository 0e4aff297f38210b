"""Takes checked values out of one TOML table, and says exactly what is wrong with a value."""

import json
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from infra.wanted import REFERENCE, Wanted

_SECRET = re.compile(r"xox[a-z]-|xapp-|https?://", re.IGNORECASE)
_DURATION = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNIT_S = {"m": 60, "h": 3600, "d": 86400}


class SettingsError(Exception):
    """The settings say what cannot be; the message names the key, the value and what is allowed."""


class Table:
    """One table of the settings, with the keys it may have."""

    def __init__(self, values: object, path: str, keys: Sequence[str]) -> None:
        if not isinstance(values, Mapping):
            raise SettingsError(f"{path}: {_shown(values)} is not a table; allowed: {', '.join(keys)}")
        self._values: Mapping[str, object] = values
        self._path = path
        self.only(keys)

    def only(self, keys: Sequence[str]) -> None:
        """Refuse every key that is not among these."""
        for key in self._values:
            if key not in keys:
                meant = "".join(f' (did you mean "{each}"?)' for each in get_close_matches(key, keys, 1))
                raise SettingsError(f"{self.at(key)}: is not a key here{meant}; allowed: {', '.join(keys)}")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def refusal(self, key: str, value: object, what: str, allowed: str) -> SettingsError:
        return SettingsError(f"{self.at(key)}: {_shown(value)} is not {what}; allowed: {allowed}")

    def text(self, key: str, wanted: Wanted, default: str | None = None) -> str:
        """A string; the default stands for an absent key and is not checked."""
        if key not in self._values and default is not None:
            return default
        return self._checked(key, self._there(key, wanted.allowed), wanted)

    def texts(self, key: str, wanted: Wanted, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of at least one string."""
        if key not in self._values and default is not None:
            return default
        values = self._there(key, wanted.allowed)
        if not isinstance(values, list) or not values:
            raise SettingsError(
                f"{self.at(key)}: {_shown(values)} is not a list of at least one; allowed in it: {wanted.allowed}"
            )
        return tuple(dict.fromkeys(self._checked(key, value, wanted) for value in values))

    def strings(self, key: str) -> dict[str, str]:
        """A table of free keys, each with a string."""
        values = self._values.get(key, {})
        if not isinstance(values, Mapping) or not all(isinstance(value, str) for value in values.values()):
            raise self.refusal(key, values, "a table of strings", '{ project = "chemistry", owner = "a*" }')
        return dict(values)

    def reference(self, key: str) -> str:
        """The name of a secret; whatever stands in its place may be the secret itself and is never shown."""
        value = self._there(key, REFERENCE.allowed)
        if not isinstance(value, str) or not REFERENCE.check(value):
            raise SettingsError(
                f"{self.at(key)}: what stands here is not {REFERENCE.what}; allowed: {REFERENCE.allowed}"
            )
        return value

    def flag(self, key: str) -> bool:
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            raise self.refusal(key, value, "a yes or no", "true, false")
        return value

    def share(self, key: str, default: float) -> float:
        value = self._values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise self.refusal(key, value, "a share", "above 0, up to 1")
        return float(value)

    def seconds(self, key: str, default: int = 0, unit: str = "m", most: str = "1000d") -> int:
        """A duration in whole units (minutes, hours or days) up to `most`."""
        if key not in self._values:
            return default
        seconds = _seconds(self._values[key])
        if not seconds or seconds % _UNIT_S[unit] or seconds > _seconds(most):
            allowed = f'"1{unit}" to "{most}" (m minutes, h hours, d days)'
            raise self.refusal(key, self._values[key], "a duration", allowed)
        return seconds

    def table(self, key: str, keys: Sequence[str]) -> "Table":
        return Table(self._values.get(key, {}), self.at(key), keys)

    def tables(self, key: str, keys: Sequence[str]) -> "list[Table]":
        """An array of at least one table; counted from one, as a reader counts."""
        values = self._values.get(key)
        if not isinstance(values, list) or not values:
            raise SettingsError(f"{self.at(key)}: at least one [[{key}]] is needed")
        return [Table(value, f"{self.at(key)}[{number}]", keys) for number, value in enumerate(values, 1)]

    def named(self, key: str, name: Wanted, keys: Sequence[str]) -> "dict[str, Table]":
        """A table of at least one table, each under a name of the user's."""
        values = self._values.get(key)
        if not isinstance(values, Mapping) or not values:
            raise SettingsError(f"{self.at(key)}: at least one [{key}.NAME] is needed; NAME: {name.allowed}")
        return {self._checked(key, each, name): Table(values[each], self.at(f"{key}.{each}"), keys) for each in values}

    def _there(self, key: str, allowed: str) -> object:
        if key not in self._values:
            raise SettingsError(f"{self.at(key)}: is missing; allowed: {allowed}")
        return self._values[key]

    def _checked(self, key: str, value: object, wanted: Wanted) -> str:
        if not isinstance(value, str) or not wanted.check(value):
            raise self.refusal(key, value, wanted.what, wanted.allowed)
        return value


def _seconds(value: object) -> int:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) * _UNIT_S[match[2]] if match else 0


def _shown(value: object) -> str:
    """The value as TOML writes it, unless a secret seems to stand in the wrong place."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return "(a secret, not repeated here)" if _SECRET.search(text) else text
