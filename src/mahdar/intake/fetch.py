"""A page from its address: one GET with limits on size, time and redirects, and never to a machine inside the user's
own network unless allowed. What comes back is bytes; nothing in them is ever run.

Each address is resolved once, checked, and that very address is connected to, so that a name that answers differently
the second time cannot lead inside (DNS rebinding). A proxy of the environment (`https_proxy`, `no_proxy`) is used.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urldefrag, urljoin, urlsplit

from mahdar.intake.document import NO_CAPTURE, Retrieval, now, tool
from mahdar.intake.zipped import unzipper
from mahdar.model import MahdarError

LARGEST = 20 * 1024 * 1024
SECONDS = 30.0
REDIRECTS = 5
AGENT = f"{tool().replace(' ', '/')} (reads news reports that a person asked for)"
ACCEPT = "text/html,application/pdf,application/rss+xml,application/atom+xml,text/plain;q=0.9,*/*;q=0.1"

_MOVED = (301, 302, 303, 307, 308)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SAFE = "%/:=&?~+!$,;'@()*[]"  # what of a path or query is not quoted


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered, with how it was come by. `body` is empty for 304 (not modified)."""

    body: bytes
    retrieval: Retrieval


class FetchError(MahdarError):
    """Why an address gave nothing: `status` and `retry_after` (as the server worded it) where it did answer.

    `passing` tells what may be over at the next attempt (a time-out, 503) from what will stay (404, a private address).
    """

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        passing: bool = False,
        status: int | None = None,
        retry_after: str | None = None,
    ) -> None:
        super().__init__(f"{url}: {reason}")
        self.reason = reason
        self.passing = passing
        self.status = status
        self.retry_after = retry_after


Fetch = Callable[[str], Fetched]


def fetch(
    url: str,
    *,
    allow_private: bool = False,
    headers: Mapping[str, str] | None = None,
    before: Callable[[str], None] | None = None,
) -> Fetched:
    """The answer to one GET of an http or https address.

    `headers` are sent with it; `before` is called with each address, redirects included, and may raise. Raises
    FetchError on another scheme, a private or loopback address (unless `allow_private`), a user name in the address, a
    failure, an answer other than 2xx or 304, more than 5 redirects, more than 20 MB or more than 30 seconds.
    """
    left = SECONDS
    passed: list[str] = []
    at = urldefrag(url).url
    while True:
        parts = _parts(url, at, moved=bool(passed))
        if before:
            before(at)
        started = time.monotonic()
        answer = _Exchange(url, parts, allow_private, started + left).get(headers or {})
        left -= time.monotonic() - started
        moved = answer.header("Location")
        if answer.status in _MOVED and moved:
            passed.append(at)
            if len(passed) > REDIRECTS:
                raise FetchError(url, f"leads through more than {REDIRECTS} redirects")
            at = urldefrag(urljoin(at, moved)).url
        elif 200 <= answer.status < 300 or answer.status == 304:
            retrieval = Retrieval(
                url,
                at,
                answer.status,
                answer.headers,
                answer.time,
                method="address",
                redirects=tuple(passed),
                server=answer.server,
                absent=(NO_CAPTURE,),
            )
            return Fetched(answer.body, retrieval)
        else:
            raise FetchError(
                url,
                f"could not be fetched ({answer.status} {answer.reason})".replace(" )", ")"),
                passing=answer.status in (408, 425, 429) or answer.status >= 500,
                status=answer.status,
                retry_after=answer.header("Retry-After"),
            )


def _parts(url: str, at: str, *, moved: bool) -> SplitResult:
    """The parts of an address that `url` is or, where it was `moved`, leads to."""
    try:
        parts = urlsplit(at)
        _ = parts.port
    except ValueError as error:
        raise FetchError(url, f"is no address that can be asked ({error})") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(url, "is not an http or https address" if not moved else f"leads to {at}, not a page")
    if parts.username is not None:
        raise FetchError(url, "holds a user name, which would stay in the record; leave it out")
    return parts


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one exchange brought: `server` is the IP address that answered, `time` when it was asked."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    server: str | None
    time: str

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class _Exchange:
    """One request and its answer, over by `deadline` however slowly the other side drips."""

    def __init__(self, url: str, parts: SplitResult, allow_private: bool, deadline: float) -> None:
        self._url = url
        self._parts = parts
        self._deadline = deadline
        self._proxy = _proxy(parts)
        host = parts.hostname or ""
        dialled = self._proxy or parts
        addresses = _resolve(url, dialled.hostname or "", dialled.port or 80)
        if not allow_private:
            # Behind a proxy only it looks names up: asking ourselves may be what the proxy is there to avoid.
            self._refuse_private(_literal(host) if self._proxy else addresses)
        self._connection = _Connection(addresses, parts, self._proxy, self._left)

    def _refuse_private(self, addresses: list[str]) -> None:
        private = next(filter(is_private, addresses), None)
        if private:
            raise FetchError(self._url, f"leads to a private address ({private}), which is not fetched unless allowed")

    def get(self, headers: Mapping[str, str]) -> _Answer:
        late = threading.Timer(self._left(), self._connection.cut)
        late.daemon = True
        late.start()
        started = now()
        try:
            return self._get(headers, started)
        except (http.client.HTTPException, OSError, ValueError, zlib.error) as error:
            if self._connection.was_cut or isinstance(error, TimeoutError):
                raise FetchError(self._url, f"took longer than {SECONDS:g} seconds", passing=True) from error
            reason = str(error) or type(error).__name__
            certificate = isinstance(error, ssl.SSLCertVerificationError)
            raise FetchError(self._url, f"could not be fetched ({reason})", passing=not certificate) from error
        finally:
            late.cancel()
            self._connection.close()

    def _get(self, headers: Mapping[str, str], started: str) -> _Answer:
        path = quote(self._parts.path or "/", safe=_SAFE)
        if self._parts.query:
            path += "?" + quote(self._parts.query, safe=_SAFE)
        if self._proxy and self._parts.scheme == "http":
            path = f"http://{self._parts.netloc}{path}"
        sent = {"User-Agent": AGENT, "Accept": ACCEPT, "Accept-Encoding": "identity", "Connection": "close"}
        self._connection.request("GET", path, headers={**sent, **headers})
        server = None if self._proxy else self._connection.peer()
        answer = self._connection.getresponse()
        given = tuple((key, value) for key, value in answer.getheaders())
        body = self._body(answer) if 200 <= answer.status < 300 else b""
        return _Answer(answer.status, answer.reason, given, body, server, started)

    def _body(self, answer: http.client.HTTPResponse) -> bytes:
        """The body, unzipped where the server zips unasked."""
        unzip = unzipper(answer.getheader("Content-Encoding"))  # none was asked for, but not all servers listen
        parts: list[bytes] = []
        size = 0
        while part := answer.read(65536):
            if unzip:
                part = unzip.decompress(part, LARGEST - size + 1)
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                raise FetchError(self._url, f"is larger than {LARGEST // 2**20} MB")
        if self._connection.was_cut:
            raise TimeoutError
        if answer.length or (unzip and size and not unzip.eof):
            raise FetchError(self._url, f"broke off after {size:,} bytes", passing=True)
        return b"".join(parts)

    def _left(self) -> float:
        return max(0.01, self._deadline - time.monotonic())


class _Connection(http.client.HTTPConnection):
    """A connection to addresses that were resolved and checked beforehand, directly or through a proxy."""

    def __init__(
        self, addresses: list[str], parts: SplitResult, proxy: SplitResult | None, left: Callable[[], float]
    ) -> None:
        secure = parts.scheme == "https"
        name, port = parts.hostname or "", parts.port or (443 if secure else 80)
        if secure:
            self.default_port = 443  # the Host header names no port then
        dialled = proxy or parts
        super().__init__(dialled.hostname or "", dialled.port or (80 if proxy else port), timeout=left())
        if proxy and secure:
            self.set_tunnel(name, port)
        self._create_connection = self._dial
        self._addresses = addresses
        self._context = ssl.create_default_context() if secure else None
        self._name = name
        self._left = left
        self._line: socket.socket | None = None  # `sock` is let go once the body is all that is left to come
        self.was_cut = False

    def connect(self) -> None:
        super().connect()
        self._line = self.sock
        if self._context:
            # The handshake comes second, so that `cut` reaches it too.
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self._name, do_handshake_on_connect=False)
            self._line = self.sock
            self.sock.do_handshake()

    def _dial(self, _: tuple[str, int], *__: object) -> socket.socket:
        for number, address in enumerate(self._addresses, start=1):
            try:
                return socket.create_connection((address, self.port), timeout=self._left())
            except OSError:
                if number == len(self._addresses):
                    raise
        raise OSError("no address to connect to")

    def peer(self) -> str | None:
        return str(self.sock.getpeername()[0]) if self.sock else None

    def cut(self) -> None:
        """End it from another thread: whoever waits for bytes stops waiting."""
        self.was_cut = True
        with suppress(OSError):
            if self._line:
                # SSLSocket.shutdown would take the session away under the reader.
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)


def _proxy(parts: SplitResult) -> SplitResult | None:
    """The proxy that the environment names for this address."""
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    found = urllib.request.getproxies().get(parts.scheme)
    if not found:
        return None
    proxy = urlsplit(found if "://" in found else f"http://{found}")
    if proxy.scheme != "http" or not proxy.hostname:
        # Going there directly instead would show the user's own address to the server.
        raise MahdarError(f"{found}: is a proxy that mahdar cannot use; it speaks to http proxies")
    return proxy


def _resolve(url: str, host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the resolver's order."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(url, f"has a host that cannot be found ({error})", passing=True) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _literal(host: str) -> list[str]:
    """The IP address that a host name spells, if it does."""
    try:
        return ["127.0.0.1"] if host.rstrip(".") == "localhost" else [str(ipaddress.ip_address(host))]
    except ValueError:
        return []


def is_private(address: str) -> bool:
    """Whether an IP address is loopback, link-local, of a private network, or anything else that is not the open net.

    IPv6 addresses that carry an IPv4 one (mapped, 6to4, Teredo, NAT64) are judged by what they carry as well.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    judged: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [ip]
    if isinstance(ip, ipaddress.IPv6Address):
        carried = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            carried.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        inside = [v4 for v4 in carried if v4 is not None]
        judged = [*inside] if ip.ipv4_mapped else [ip, *inside]
    return any(not each.is_global or each.is_multicast or each.is_unspecified for each in judged)
