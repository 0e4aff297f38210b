"""A state file in the place of a deployed notifier: the same rows and queues, for `run` and for every other command."""

import json
import os
import shlex
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from botocore.config import Config

from braket_notifier.adapters.aws.clients import ONCE, REPEATED
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.sqlite.queues import SqliteQueues
from braket_notifier.adapters.sqlite.state_file import StateFile
from braket_notifier.adapters.sqlite.tables import SqliteTables
from braket_notifier.cli.installation import Installation, Resource, session_of
from braket_notifier.cli.sentences import CommandError
from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.settings.notifier_toml import settings_of
from braket_notifier.settings.schema import Table as Document
from braket_notifier.text.json_fields import text

#: The row of the table `snapshots` with the settings, the limits and the account of the last run; its longest text.
_RUN, _LONGEST = {"arn": "run"}, 10**6
#: For a question without which a run begins, too.
_BRIEF = ONCE.merge(Config(connect_timeout=3, read_timeout=3))


def default_state(profile: str | None) -> Path:
    """The state file of a profile in the user's state folder; other credentials belong to another account."""
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    name = profile or os.environ.get("AWS_PROFILE") or "default"
    return folder / "braket-notifier" / f"{name.replace('/', '-')}.sqlite"


class StateInstallation(Installation):
    """The notifier of a state file, with the settings of its last run."""

    #: A region that one run left out, like a run for an ARN, goes on where it stopped.
    stays_watched = True

    def __init__(self, path: Path, profile: str | None) -> None:
        self._profile = profile
        self.file = StateFile(path)
        self._here: dict[str, Any] = {"dynamodb": SqliteTables(self.file), "sqs": SqliteQueues(self.file)}
        super().__init__(None, session_of(profile), "", "run", path.parent)
        last = self.table("Snapshots").get(_RUN) or {}
        self.kept = text(last.get("settings"), most=_LONGEST)
        #: The ARNs and tags that limited the last run in each region, as one text; it is empty if none did.
        self.limits: dict[str, str] = json.loads(text(last.get("limits"), most=_LONGEST) or "{}")
        with suppress(SettingsError, ValueError):  # another version's, which the next run replaces
            self.found_settings = settings_of(json.loads(self.kept))
            self.region = self.found_settings.home

    @property
    def says_why(self) -> str:
        return f"`braket-notifier run {self.option}` must be running, and says why"

    @property
    def option(self) -> str:
        return f"--state {shlex.quote(str(self.file.path))}"

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - typed by literal names only
        return self._here.get(service) or super().client(service, region)

    def _new_client(self, service: str, region: str) -> Any:  # noqa: ANN401 - as above
        """Repeat nothing of Braket's, because each request passes the rate limiter, nor what delays the start."""
        config = {"braket": ONCE, "sts": _BRIEF}.get(service, REPEATED)
        return self._session.client(service, region, config=config)  # type: ignore[call-overload]

    def renew_credentials(self) -> None:
        """Read the credentials anew with the next call, because a new login may have replaced them."""
        self._session = session_of(self._profile)
        self._clients.clear()
        self.check_credentials(self.region)

    def check_credentials(self, region: str) -> None:
        """Compare their account with that of the file, because those of an account without tasks list none to check.

        The first listed resource alone binds the file to an account, because a wrong login would bind it for good.
        """
        try:
            known = (self.table("Snapshots").get(_RUN) or {})["account"]
            account = self.client("sts", region).get_caller_identity()["Account"]
        except Exception:  # noqa: BLE001 - no account yet, a locked file, no network; each round checks what it lists
            return
        self._refuse_another(account, str(known))

    def close(self) -> None:
        super().close()
        self.file.close()

    def keep_settings(self, document: Document) -> bool:
        """Follow these settings from now on, as every command does on this file; True if others were in force."""
        self.found_settings = settings_of(document)
        self.region = self.found_settings.home
        before, self.kept = self.kept, json.dumps(document)
        self.table("Snapshots").update(_RUN, {"settings": ":settings"}, {":settings": self.kept})
        return before not in {"", self.kept}

    def keep_limit(self, limit: str) -> None:
        """Remember what limits this run in its regions."""
        kept = json.dumps({**self.limits, **dict.fromkeys(self.settings.regions, limit)})
        self.table("Snapshots").update(_RUN, {"limits": ":limits"}, {":limits": kept})

    def check_account(self, account: str) -> None:
        """Remember the account of the first resource; CommandError for another one, whose rows would seem to vanish."""
        sets, values = {"account": "if_not_exists(#account, :account)"}, {":account": account}
        self._refuse_another(account, str(self.table("Snapshots").update(_RUN, sets, values)["account"]))

    def _refuse_another(self, account: str, known: str) -> None:
        if known != account:
            accounts = f"belongs to account {known}, and your credentials are of account {account}"
            raise CommandError(f"{self.file.path} {accounts}: name another file by --state")

    def watched_since(self, region: str) -> datetime:
        return self.snapshots.start(region, datetime.now(UTC))

    @cached_property
    def channel_queues(self) -> dict[str, str]:
        return {name: name for name in self.settings.channels}

    def left_behind(self) -> dict[str, int]:
        """The numbers of records that wait for channels which the settings do not name any more."""
        counts = self.file.read("SELECT queue, count(*) FROM record GROUP BY queue")
        known = {*self.channel_queues, "undelivered"}
        return {str(name): cast("int", count) for name, count in counts if name not in known}

    def queue(self, name: str) -> str:
        return name

    def table(self, kind: str) -> Table:
        return Table(self.client("dynamodb"), kind.lower())

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        raise CommandError(f"{self.file.path} is a state file, and this command needs a deployed notifier")


def opened_state(path: Path, profile: str | None) -> StateInstallation:
    """The notifier that ran on a state file; CommandError if none did."""
    try:
        path.stat()
    except FileNotFoundError:
        raise CommandError(f"there is no state file {path}: `braket-notifier run` begins one") from None
    except OSError:
        pass  # it is named as the file is opened
    found = StateInstallation(path, profile)
    if found.found_settings is None:
        found.close()
        version = "of this version " if found.kept else ""
        raise CommandError(f"no notifier {version}has run on {path}: `braket-notifier run --state {path}` does")
    return found
