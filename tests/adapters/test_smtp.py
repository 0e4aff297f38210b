"""E-mail by SMTP over TLS, against a server of the test's own with scripted answers."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from braket_notifier.adapters.smtp import Server, SmtpEmail, parse_server
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.compose import Compose
from tests.canary import CANARY
from tests.prove.channel_faults.certificate import make, server_side

if TYPE_CHECKING:
    from email.message import EmailMessage

ANotification = Callable[..., Notification]
TO = ["anna@example.org", "ben@example.org"]


class MailServer(ThreadingTCPServer):
    """A mail server; `answers` replaces its answer to a command, and an empty one closes the connection."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext, *, at_once: bool) -> None:
        self.context, self.at_once = context, at_once
        self.answers: dict[str, str] = {}
        self.mails: list[EmailMessage] = []
        self.commands: list[str] = []
        super().__init__(("127.0.0.1", 0), Session)

    def handle_error(self, *_: object) -> None:
        """Leave out what a client's end raises."""


class Session(StreamRequestHandler):
    """One client's connection."""

    server: MailServer

    def handle(self) -> None:
        if self.server.at_once:
            self._secure()
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            self.server.commands.append(line)
            answer = self.server.answers.get(word, self._usual(word))
            if not answer:
                return
            self._say(answer)
            if word == "STARTTLS" and answer.startswith("220"):
                self._secure()
            if word == "DATA" and answer.startswith("354") and not self._takes_mail():
                return

    def _takes_mail(self) -> bool:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        answer = self.server.answers.get("end", "250 taken")
        if answer.startswith("250"):
            self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        if answer:
            self._say(answer)
        return bool(answer)

    def _usual(self, word: str) -> str:
        greeting = "250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN"
        return {"EHLO": greeting, "STARTTLS": "220 go", "DATA": "354 go", "AUTH": "235 welcome"}.get(word, "250 ok")

    def _secure(self) -> None:
        self.rfile.close()
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def finish(self) -> None:
        for each in (self.rfile, self.wfile, self.connection):
            with suppress(OSError):
                each.close()

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(params=["smtps", "smtp"])
def mail_server(certificate: Path, request: pytest.FixtureRequest) -> Iterator[MailServer]:
    with MailServer(server_side(certificate), at_once=request.param == "smtps") as running:
        Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield running
        running.shutdown()


def channel(running: MailServer, compose: Compose, certificate: Path | None, sender: str = "") -> SmtpEmail:
    scheme = "smtps" if running.at_once else "smtp"
    server = Server(scheme, "127.0.0.1", running.server_address[1], "anna@example.org", sender)
    context = ssl.create_default_context(cafile=certificate) if certificate else None
    return SmtpEmail(server, lambda: CANARY, TO, compose, context)


def test_an_e_mail_has_the_words_of_the_message(
    mail_server: MailServer, compose: Compose, certificate: Path, a_notification: ANotification
) -> None:
    place = channel(mail_server, compose, certificate).send(a_notification("FAILED"), may_repeat=False)

    [mail] = mail_server.mails
    assert place == ""
    assert (mail["From"], mail["To"]) == ("anna@example.org", "anna@example.org, ben@example.org")
    assert str(mail["Subject"]).startswith("[Braket] ghz-12 FAILED")
    assert "IQM Garnet (QPU)" in mail.get_content()
    assert [each for each in mail_server.commands if each.startswith("rcpt")] == [f"rcpt TO:<{to}>" for to in TO]


def test_a_repeat_says_so_and_has_the_same_id(
    mail_server: MailServer, compose: Compose, certificate: Path, a_notification: ANotification
) -> None:
    sends = channel(mail_server, compose, certificate, "notifier@example.org")
    sends.send(a_notification("FAILED"), may_repeat=False)
    sends.send(a_notification("FAILED"), may_repeat=True)
    sends.send(a_notification("COMPLETED"), may_repeat=False)

    first, repeat, other = mail_server.mails
    assert first["Message-ID"] == repeat["Message-ID"] != other["Message-ID"]
    assert "may repeat" in repeat["Subject"]
    assert first["From"] == "notifier@example.org"


def test_a_digest_is_one_e_mail(
    mail_server: MailServer, compose: Compose, certificate: Path, a_notification: ANotification
) -> None:
    many = tuple(a_notification("COMPLETED", number).transition for number in range(3))
    channel(mail_server, compose, certificate).send(Digest("ghz", many, news=("a", "b")), may_repeat=False)

    assert len(mail_server.mails) == 1


#: The answers of the server, and the failure that follows from each.
FAILURES: list[tuple[dict[str, str], type[Exception], str]] = [
    ({"AUTH": "535 no"}, MendableError, "refuses the password of anna@example.org"),
    ({"AUTH": "454 later"}, TryLaterError, ""),  # a temporary failure of the login itself
    (
        {"EHLO": "421 busy", "HELO": "421 busy"},
        TryLaterError,
        ": (a refusal|a lost connection|no encryption, or no login)$",
    ),
    ({"MAIL": "550 who"}, MendableError, "the sender anna@example.org was refused"),
    ({"MAIL": "451 later"}, TryLaterError, "the sender"),
    ({"RCPT": "550 unknown"}, MendableError, "no address was accepted"),
    ({"RCPT": "451 greylisted"}, TryLaterError, "no address was accepted"),
    ({"DATA": "451 later"}, TryLaterError, "the server refuses the e-mail"),
    ({"end": "552 too large"}, RefusedError, "the server refuses the e-mail"),
    ({"end": "451 later"}, TryLaterError, "the server refuses the e-mail"),
    ({"end": ""}, UnacknowledgedError, "^a lost connection$"),  # the answer to the whole mail was lost
]


@pytest.mark.parametrize(("answers", "kind", "says"), FAILURES)
def test_each_failure_of_a_mail_server_is_classified_without_the_password(
    mail_server: MailServer,
    compose: Compose,
    certificate: Path,
    a_notification: ANotification,
    answers: dict[str, str],
    kind: type[Exception],
    says: str,
) -> None:
    mail_server.answers = answers

    with pytest.raises(kind, match=says or None) as raised:
        channel(mail_server, compose, certificate).send(a_notification("FAILED"), may_repeat=False)

    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None
    assert mail_server.mails == []


def test_one_refused_address_stops_no_other(
    mail_server: MailServer, compose: Compose, certificate: Path, a_notification: ANotification
) -> None:
    class Once(dict[str, str]):
        def get(self, word: str, usual: Any = None) -> Any:
            return self.pop(word, usual)

    mail_server.answers = Once({"RCPT": "550 unknown"})
    channel(mail_server, compose, certificate).send(a_notification("FAILED"), may_repeat=False)

    assert len(mail_server.mails) == 1


def test_a_certificate_that_nobody_trusts_gets_neither_password_nor_mail(
    mail_server: MailServer, compose: Compose, a_notification: ANotification
) -> None:
    with pytest.raises(MendableError, match="offers no safe login: an invalid certificate"):
        channel(mail_server, compose, None).send(a_notification("FAILED"), may_repeat=False)

    assert [each for each in mail_server.commands if each.upper().startswith(("AUTH", "MAIL"))] == []


def test_a_server_without_tls_gets_neither_password_nor_mail(
    mail_server: MailServer, compose: Compose, certificate: Path, a_notification: ANotification
) -> None:
    mail_server.answers = {"EHLO": "250 here"}

    with pytest.raises((MendableError, TryLaterError)):
        channel(mail_server, compose, certificate).send(a_notification("FAILED"), may_repeat=False)

    assert [each for each in mail_server.commands if each.upper().startswith(("AUTH", "MAIL"))] == []


def test_a_server_that_cannot_be_reached_is_tried_later(compose: Compose, a_notification: ANotification) -> None:
    unreachable = SmtpEmail(Server("smtps", "127.0.0.1", 9, "anna"), None, TO, compose)

    with pytest.raises(TryLaterError, match=r": a refused connection$"):
        unreachable.send(a_notification("FAILED"), may_repeat=False)


def test_a_probe_logs_in_and_sends_nothing(mail_server: MailServer, compose: Compose, certificate: Path) -> None:
    channel(mail_server, compose, certificate).probe()

    assert [each for each in mail_server.commands if each.startswith("AUTH")]
    assert [each for each in mail_server.commands if each.upper().startswith("MAIL")] == []


#: Addresses of mail servers as a user may write them.
SERVERS = {
    "smtps://me@mail.example.org": Server("smtps", "mail.example.org", 465, "me"),
    "smtp://mail.example.org": Server("smtp", "mail.example.org", 587, ""),
    "smtps://me@example.org@mail.example.org:2465": Server("smtps", "mail.example.org", 2465, "me@example.org"),
    "smtps://me%2Fhere@mail.example.org": Server("smtps", "mail.example.org", 465, "me/here"),
}


@pytest.mark.parametrize("url", SERVERS)
def test_a_mail_server_s_address_is_read(url: str) -> None:
    assert parse_server(url) == SERVERS[url]


#: No scheme, a scheme without TLS, no host, a password, a path, no port's number.
WRONG = ["mail.example.org", "http://x", "smtps://", f"smtps://me:{CANARY}@x", "smtps://x/path", "smtps://x:port"]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_of_a_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtps://USER@HOST|[Pp]ort") as refused:
        parse_server(url)

    assert CANARY not in str(refused.value)
