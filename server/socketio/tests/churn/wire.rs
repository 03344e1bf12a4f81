use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A client that writes bytes and reads until it has seen what it waits for; it checks nothing else.
pub(crate) struct Wire<S> {
    pub(crate) stream: S,
    seen: Vec<u8>,
}

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            seen: Vec::new(),
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server reads");
    }

    /// Asks for `query` below the server's path; `body` makes it a POST.
    pub(crate) async fn request(&mut self, query: &str, body: Option<&str>) {
        let head = match body {
            None => format!("GET /socket.io/?EIO=4&{query} HTTP/1.1\r\nHost: x\r\n\r\n"),
            Some(body) => format!(
                "POST /socket.io/?EIO=4&{query} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        };
        self.write(head.as_bytes()).await;
    }

    /// Asks for a WebSocket.
    pub(crate) async fn request_websocket(&mut self, query: &str) {
        let head = format!("GET /socket.io/?EIO=4&{query} HTTP/1.1\r\nHost: x\r\n{UPGRADE}\r\n");
        self.write(head.as_bytes()).await;
    }

    /// A text frame, short and with a mask of zeros, which leaves the text as it is:
    ///
    /// ```text
    /// 81 | 80+length | 00 00 00 00 | text
    /// ```
    pub(crate) async fn say(&mut self, text: &str) {
        assert!(text.len() < 126, "longer texts have another head");
        let mut frame = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
        frame.extend_from_slice(text.as_bytes());
        self.write(&frame).await;
    }

    /// Reads until `needle` has come; the 20 characters behind it, if it is the start of an id.
    pub(crate) async fn hear(&mut self, needle: &str) -> String {
        loop {
            if let Some(behind) = self.take(needle) {
                return behind;
            }
            let count = self
                .stream
                .read_buf(&mut self.seen)
                .await
                .expect("the server writes");
            let seen = String::from_utf8_lossy(&self.seen);
            assert!(count > 0, "the server closes before {needle:?}: {seen}");
        }
    }

    fn take(&mut self, needle: &str) -> Option<String> {
        let at = self
            .seen
            .windows(needle.len())
            .position(|window| window == needle.as_bytes())?;
        let start = at + needle.len();
        let end = if needle.ends_with("id\":\"") {
            start + 20
        } else {
            start
        };
        let behind = String::from_utf8_lossy(self.seen.get(start..end)?).into_owned();
        self.seen.drain(..end);
        Some(behind)
    }
}
