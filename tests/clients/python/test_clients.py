"""python-socketio, its synchronous and its asynchronous client, by every transport."""

import pytest
import socketio.exceptions

from acceptance import Server
from client import KINDS, SETTINGS, WAYS, Client

everywhere = pytest.mark.parametrize("kind, way", [(kind, way) for kind in KINDS for way in WAYS])

SHAPES = [
    (),
    ("hello",),
    ("żółw 🐢 \u001e\u2028 \"\\ 51-",),
    (0, -1, 1.5, 2**53 - 1),
    (None, True, False, "", [], {}),
    ({"a": [1, {"b": {"c": [[["d"]]]}}]},),
    (bytes(range(256)),),
    (b"", "between", b""),
    ({"data": [b"a", {"deep": b"bc"}], "text": "t"}, b"d"),
    tuple(bytes([index]) * index * 10 for index in range(10)),
]


@pytest.fixture
def start():
    """Starts servers and clients that end with the test: the servers first, since a client that polls waits for its poll."""
    servers, clients = [], []

    class Start:
        def server(self, *settings, port=0):
            server = Server(*SETTINGS, *settings, port=port)
            servers.append(server)
            return server

        def client(self, kind, **options):
            client = Client(kind, **{"reconnection": False, **options})
            clients.append(client)
            return client

        def connected(self, kind, way, *settings):
            server, client = self.server(*settings), self.client(kind)
            client.connect(server, way)
            return server, client

    yield Start()
    for server in servers:
        server.kill()
    for client in clients:
        client.close()


def unpacked(args):
    """As `call` gives it: nothing, one value, or a tuple."""
    return None if not args else args[0] if len(args) == 1 else args


@everywhere
def test_events_and_acknowledgements_of_every_shape_arrive(start, kind, way):
    _, client = start.connected(kind, way)
    pass_every_shape(client)


@everywhere
def test_msgpack_carries_every_shape(start, kind, way):
    server, client = start.server("parser=msgpack"), start.client(kind, serializer="msgpack")
    client.connect(server, way)
    pass_every_shape(client)


def pass_every_shape(client):
    client.hear("echoed")
    client.hear("answered")
    client.hear("question", lambda *args: args)
    for args in SHAPES:
        client.emit("echo", *args)
        assert client.next("echoed") == args
        assert client.call("echo-ack", *args) in (unpacked(args), list(args))
        client.emit("ask", *args)
        assert client.next("question") == args
        assert client.next("answered") == args


@everywhere
def test_many_events_come_back_in_order(start, kind, way):
    _, client = start.connected(kind, way)
    client.hear("echoed")
    for index in range(200):
        client.emit("echo", index, bytes([index]))
    for index in range(200):
        assert client.next("echoed") == (index, bytes([index]))


@everywhere
def test_a_long_answer_is_cut_into_polls_that_the_client_takes(start, kind, way):
    _, client = start.connected(kind, way)
    client.hear("burst")
    client.emit("burst", 300, 100)
    for index in range(300):
        assert client.next("burst") == (index, bytes([index % 256]) * 100)


@everywhere
def test_large_payloads_pass_both_ways(start, kind, way):
    _, client = start.connected(kind, way)
    client.hear("echoed")
    for args in [("x" * 700_000,), (b"y" * 700_000,)]:
        client.emit("echo", *args)
        assert client.next("echoed") == args


@everywhere
def test_namespaces_share_a_connection_and_get_the_payload(start, kind, way):
    server, client = start.server(), start.client(kind)
    client.hear("auth", namespace="/custom")
    client.hear("echoed")
    client.hear("echoed", namespace="/custom")
    client.connect(server, way, namespaces=["/", "/custom"], auth={"token": "t", "list": [1]})
    assert client.next("auth", namespace="/custom") == ({"token": "t", "list": [1]},)
    assert client.sid() != client.sid("/custom")
    client.emit("echo", "main", b"m")
    client.emit("echo", "custom", b"c", namespace="/custom")
    assert client.next("echoed") == ("main", b"m")
    assert client.next("echoed", namespace="/custom") == ("custom", b"c")


@everywhere
def test_a_refused_client_is_told_why(start, kind, way):
    server, client = start.server(), start.client(kind)
    client.hear("connect_error", namespace="/private")
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(server, way, namespaces=["/private"], auth={"token": "guess"})
    details = {"code": "E_TOKEN", "given": {"token": "guess"}}
    assert client.next("connect_error", namespace="/private") == ({"message": "not authorised", "data": details},)

    welcome = start.client(kind)
    welcome.connect(server, way, namespaces=["/private"], auth={"token": "open sesame"})
    assert welcome.call("echo-ack", "inside", namespace="/private") == "inside"


@everywhere
def test_rooms_and_broadcasts(start, kind, way):
    server, first = start.connected(kind, way)
    second, third = start.client(kind), start.client(kind)
    for client in (second, third):
        client.connect(server, way)
    for client in (first, second, third):
        client.hear("told")
        client.hear("shouted")
    assert first.call("join", "red") == ["red"]
    assert second.call("join", "red") == ["red"]
    first.emit("tell", "red", "others in red")
    first.emit("tell-all", "red", "all in red")
    first.emit("tell-except", "red", "all but red")
    first.emit("shout", "everybody", b"\x00\x01")
    for client in (first, second, third):
        assert client.next("shouted") == ("everybody", b"\x00\x01")
    assert first.next("told") == ("all in red",)
    assert [second.next("told"), second.next("told")] == [("others in red",), ("all in red",)]
    assert third.next("told") == ("all but red",)


@everywhere
def test_an_acknowledgement_that_does_not_come_is_a_timeout(start, kind, way):
    _, client = start.connected(kind, way)
    with pytest.raises(socketio.exceptions.TimeoutError):
        client.call("hold-ack", timeout=0.1)
    assert client.call("echo-ack", "still here") == "still here"


@everywhere
def test_a_client_leaves(start, kind, way):
    server, client = start.connected(kind, way, "ping_interval_ms=500", "ping_timeout_ms=500")
    client.disconnect()
    # A client that still posts something when it is told to leave says nothing and is just silent.
    server.said(r"^left /: (client namespace disconnect|transport close|ping timeout)")


@everywhere
def test_a_client_is_sent_away(start, kind, way):
    server, client = start.connected(kind, way)
    client.hear("disconnect")
    client.emit("go", True)
    assert client.next("disconnect") == ("server disconnect",)
    server.said(r"^left /: server namespace disconnect")


@everywhere
def test_heartbeats_keep_an_idle_client(start, kind, way):
    _, client = start.connected(kind, way, "ping_interval_ms=50", "ping_timeout_ms=1000")
    # Half a second, in which ten pings come.
    with pytest.raises(socketio.exceptions.TimeoutError):
        client.call("hold-ack", timeout=0.5)
    assert client.call("echo-ack", "alive") == "alive"


@everywhere
def test_a_client_comes_back_after_a_restart(start, kind, way):
    server = start.server()
    client = start.client(kind, reconnection=True, reconnection_delay=0.05, reconnection_delay_max=0.2)
    client.hear("connect")
    client.connect(server, way)
    client.next("connect")
    server.kill()
    start.server(port=server.port)
    client.next("connect")
    assert client.call("echo-ack", "again") == "again"
