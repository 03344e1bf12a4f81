"""Starts and stops `server/socketio/examples/acceptance.rs`, and reads what it says."""

import os
import pathlib
import queue
import re
import signal
import subprocess
import threading

ROOT = pathlib.Path(__file__).parents[3]
BINARY = os.environ.get("SOCKETIO_ACCEPTANCE", str(ROOT / "target/debug/examples/acceptance"))

PATIENCE_S = 20


class Server:
    """A running server; `settings` are words such as `ping_interval_ms=300`."""

    def __init__(self, *settings, port=0):
        self._lines = queue.Queue()
        self._process = subprocess.Popen([BINARY, f"127.0.0.1:{port}", *settings], stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self.said(r"^listening on (\S+)").group(1)
        self.port = int(self.url.rsplit(":", 1)[1])

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line.rstrip())

    def said(self, pattern):
        """The match of the next line that fits; waits for it and forgets the lines before."""
        passed = []
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise AssertionError(f"the server does not say {pattern}, but {passed}") from None
            found = re.search(pattern, line)
            if found:
                return found
            passed.append(line)

    def kill(self):
        """Ends it as a crash would; does nothing to one that has ended."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
