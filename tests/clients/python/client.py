"""The two clients of python-socketio behind one face, so that a test is written once.

The asynchronous client lives in an event loop of its own thread; what it is asked to do is waited for from outside.
"""

import asyncio
import queue
import threading

import socketio

from acceptance import PATIENCE_S

#: How a client starts, and how it is connected in the end.
WAYS = {
    "polling": (["polling"], "polling"),
    "websocket": (["websocket"], "websocket"),
    "upgrade": (["polling", "websocket"], "websocket"),
}

#: What a server must be told for these clients: they refuse a poll with more packets than this.
SETTINGS = ["packets_per_poll_max=16"]

KINDS = {"sync": socketio.Client, "async": socketio.AsyncClient}


class Client:
    """A client that notes every event of its namespaces."""

    def __init__(self, kind, **options):
        self._loop = None
        if kind == "async":
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
            self._thread.start()
        self._client = self._make(kind, options)
        self._events = {}
        self._answers = {}

    def _make(self, kind, options):
        # The asynchronous client must be born in its loop.
        async def make():
            return KINDS[kind](**options)

        return self._wait(make()) if self._loop else KINDS[kind](**options)

    def _wait(self, outcome):
        if self._loop is None:
            return outcome
        return asyncio.run_coroutine_threadsafe(outcome, self._loop).result(PATIENCE_S)

    def hear(self, event, answer=None, namespace="/"):
        """Notes an event from now on; `answer` makes the acknowledgement of its arguments."""
        heard = self._events.setdefault((event, namespace), queue.Queue())

        def note(*args):
            heard.put(args)
            return answer(*args) if answer else None

        self._client.on(event, note, namespace=namespace)

    def next(self, event, namespace="/"):
        """Arguments of the next of an event that is heard."""
        return self._events[event, namespace].get(timeout=PATIENCE_S)

    def connect(self, server, way, namespaces=("/",), **options):
        transports, ends = WAYS[way]
        self._wait(
            self._client.connect(
                server.url, transports=transports, namespaces=list(namespaces), wait_timeout=PATIENCE_S, **options
            )
        )
        assert self.transport() == ends

    def transport(self):
        return self._client.transport() if self._loop is None else self._client.eio.transport()

    def emit(self, event, *args, namespace="/"):
        self._wait(self._client.emit(event, args, namespace=namespace))

    def call(self, event, *args, namespace="/", timeout=PATIENCE_S):
        return self._wait(self._client.call(event, args, namespace=namespace, timeout=timeout))

    def sid(self, namespace="/"):
        return self._client.get_sid(namespace)

    def disconnect(self):
        self._wait(self._client.disconnect())

    def close(self):
        """The end of a test, in whatever state it is."""
        try:
            self._wait(self._client.shutdown())
        finally:
            if self._loop:
                self._wait(self._cancel_all())
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._loop.close()

    async def _cancel_all(self):
        """What the client leaves running would be complained about at the end of the process."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
