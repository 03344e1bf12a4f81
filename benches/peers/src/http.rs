//! Heads and bodies of HTTP/1.1, as much as a benchmark meets: a length or chunks, and short names.

use anyhow::{Context, bail, ensure};

/// The head of a message.
#[derive(Debug)]
pub struct Head<'a> {
    text: &'a str,
    /// Bytes of it, with the empty line.
    pub bytes: usize,
}

/// Longer heads are refused.
const HEAD_BYTES_MAX: usize = 8192;

impl<'a> Head<'a> {
    /// Of the message that starts here; `None` when it is not whole yet.
    pub fn read(bytes: &'a [u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            ensure!(bytes.len() < HEAD_BYTES_MAX, "a head without an end");
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes[..end]).context("a head that is no text")?;
        Ok(Some(Self { text, bytes: end + 4 }))
    }

    /// The number of the status line.
    pub fn status(&self) -> Option<u16> {
        self.text.split(' ').nth(1)?.parse().ok()
    }

    /// The value of a header, its name in small letters.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.text.split("\r\n").skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.trim().eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// The answer that starts here: its status, its body and all its bytes; `None` when it is not whole yet.
pub fn answer(bytes: &[u8]) -> anyhow::Result<Option<(u16, Vec<u8>, usize)>> {
    let Some(head) = Head::read(bytes)? else {
        return Ok(None);
    };
    let status = head.status().context("an answer without a status")?;
    let rest = &bytes[head.bytes..];
    if let Some(length) = head.header("content-length") {
        let length: usize = length.parse().context("a length that is no number")?;
        let body = rest.get(..length);
        return Ok(body.map(|body| (status, body.to_vec(), head.bytes + length)));
    }
    if head.header("transfer-encoding").is_some() {
        return Ok(chunks(rest)?.map(|(body, taken)| (status, body, head.bytes + taken)));
    }
    bail!("an answer of unknown length")
}

fn chunks(mut rest: &[u8]) -> anyhow::Result<Option<(Vec<u8>, usize)>> {
    let (mut body, mut taken) = (Vec::new(), 0);
    loop {
        let Some(end) = rest.windows(2).position(|two| two == b"\r\n") else {
            return Ok(None);
        };
        let digits = std::str::from_utf8(&rest[..end]).context("a chunk without a length")?;
        let length = usize::from_str_radix(digits.trim(), 16).context("a length that is no number")?;
        let Some(chunk) = rest.get(end + 2..end + 2 + length) else {
            return Ok(None);
        };
        let whole = end + 2 + length + 2;
        if rest.len() < whole {
            return Ok(None);
        }
        body.extend_from_slice(chunk);
        (rest, taken) = (&rest[whole..], taken + whole);
        if length == 0 {
            return Ok(Some((body, taken)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u16, &str)>) {
        let found = answer(text.as_bytes()).expect("it is HTTP");
        let expected = expected.map(|(status, body)| (status, body.as_bytes().to_vec(), text.len()));
        assert_eq!(found, expected);
    }

    #[test]
    fn answers_end_where_their_head_says() {
        check(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            Some((200, "ok")),
        );
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", None);
        check(
            "HTTP/1.1 400 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            Some((400, "abc")),
        );
        check(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n",
            None,
        );
    }
}
