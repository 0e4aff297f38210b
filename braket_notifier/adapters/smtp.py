"""Send e-mail by SMTP over TLS; a repeat has the same Message-ID, by which many mailboxes drop it."""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import ChannelError, MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.compose import Compose
from braket_notifier.rendering.formats.email import body, subject
from braket_notifier.text.failures import in_words

#: Seconds for connecting and for each answer of the server.
TIMEOUT_S = 10.0
#: The ports of TLS from the first byte, and of a connection that begins TLS itself.
PORTS = {"smtps": 465, "smtp": 587}
#: The first code of a server's permanent refusal; a lower one is temporary.
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server; `smtps` begins with TLS, `smtp` switches to it before anything is said."""

    scheme: str
    host: str
    port: int
    user: str
    #: The address that e-mail comes from; empty: the first that it goes to.
    sender: str = ""


def parse_server(url: str, sender: str = "") -> Server:
    """Parse `smtps://USER@HOST:PORT`; ValueError for any other text. Without a port, the scheme's own."""
    allowed = "allowed: smtps://USER@HOST or smtp://USER@HOST, perhaps with :PORT, and no password in it"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(allowed) from None
    if parts.scheme not in PORTS or not parts.hostname or parts.password or parts.path.strip("/"):
        raise ValueError(allowed)
    return Server(parts.scheme, parts.hostname, port or PORTS[parts.scheme], unquote(parts.username or ""), sender)


class SmtpEmail:
    """The port `HumanChannel` over a mail server; one connection for each e-mail."""

    def __init__(
        self,
        server: Server,
        password: Callable[[], str] | None,
        to: Sequence[str],
        compose: Compose,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._password = password
        self._to = tuple(to)
        self._compose = compose
        self._context = context or ssl.create_default_context()

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        """Return no place, because an e-mail cannot be edited. An address that is refused stops no other."""
        message = self._compose(content)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Date"] = self._server.sender or self._to[0], ", ".join(self._to), formatdate()
        mail["Subject"] = subject(message, may_repeat=may_repeat)
        mail["Message-ID"] = f"<{_identity(content)}@{self._server.host}>"
        mail.set_content(body(message, may_repeat=may_repeat))
        with self._connection() as connection:
            _send(connection, mail)
        return ""

    def probe(self) -> None:
        """Connect, begin TLS and log in, because this sends nothing."""
        with self._connection():
            pass

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Connect and log in; raises TryLaterError or MendableError, because no message was sent yet."""
        server, password = self._server, self._password() if self._password else ""
        with ExitStack() as opened:
            try:
                connection = self._connect()
                opened.callback(connection.close)
                if server.scheme == "smtp":
                    connection.starttls(context=self._context)
                if password:
                    connection.login(server.user, password)
            except smtplib.SMTPAuthenticationError as error:  # its text may hold what was sent
                raise _refusal(error.smtp_code, f"{server.host} refuses the password of {server.user}") from None
            except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError) as error:
                raise MendableError(f"{server.host} offers no safe login: {in_words(error)}") from None
            except (smtplib.SMTPException, OSError) as error:
                raise TryLaterError(f"{server.host}: {in_words(error)}") from None
            yield connection

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.scheme == "smtps":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=self._context)
        return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)


def _send(connection: smtplib.SMTP, mail: EmailMessage) -> None:
    try:
        connection.send_message(mail)
    except smtplib.SMTPRecipientsRefused as refused:
        raise _refusal(min(code for code, _ in refused.recipients.values()), "no address was accepted") from None
    except smtplib.SMTPSenderRefused as refused:
        raise _refusal(refused.smtp_code, f"the sender {refused.sender} was refused") from None
    except smtplib.SMTPDataError as refused:
        raise _refusal(refused.smtp_code, "the server refuses the e-mail", RefusedError) from None
    except (smtplib.SMTPException, OSError) as error:
        raise UnacknowledgedError(in_words(error)) from None


def _refusal(code: int, why: str, lasting: type[ChannelError] = MendableError) -> ChannelError:
    """Classify a refusal by the server's code, which is temporary or lasting."""
    return (lasting if code >= _PERMANENT else TryLaterError)(f"{why} ({code})")


def _identity(content: Notification | Digest) -> str:
    """Return a Message-ID that a repeat of the same message has too."""
    named = content.id if isinstance(content, Notification) else " ".join(sorted(content.news))
    return sha256(named.encode()).hexdigest()[:32]
