//! Compression of HTTP answers: of polls, and of the client's files.
//!
//! WebSocket messages are not compressed: this crate leaves permessage-deflate out, see the crate's documentation.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

/// How the answers to polls are compressed, for clients that say they take it. Answers with a packet that was sent
/// with [`compress(false)`](crate::Socket::compress) are left as they are: so should be what holds a secret beside
/// text that others choose, since the size of a compressed answer tells about both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpCompression {
    /// Answers below this stay as they are, in bytes; 1024. Smaller ones gain little and cost a call each.
    pub threshold_bytes: usize,
    /// Effort, 1 to 9; 6. More costs time for each answer and saves ever less.
    pub level: u32,
}

impl Default for HttpCompression {
    fn default() -> Self {
        Self {
            threshold_bytes: 1024,
            level: 6,
        }
    }
}

/// A way to compress that HTTP knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    /// With the frame of zlib, whatever the name says.
    Deflate,
}

impl Encoding {
    pub(crate) const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Deflate];

    /// What costs little enough for a body that is sent once.
    pub(crate) const FAST: [Self; 2] = [Self::Gzip, Self::Deflate];

    /// What the client likes best of `offered`, where equals stand in our order; `None` if it wants none of them.
    pub(crate) fn choose(request: &HeaderMap, offered: &[Self]) -> Option<Self> {
        let mut best: Option<(Self, u16)> = None;
        for encoding in offered {
            let quality = encoding.quality(request);
            if quality > best.map_or(0, |(_, quality)| quality) {
                best = Some((*encoding, quality));
            }
        }
        best.map(|(encoding, _)| encoding)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    /// Compresses `body`, with an effort of 1 to 9.
    pub(crate) fn compress(self, body: &[u8], level: u32) -> Vec<u8> {
        let out = Vec::with_capacity(body.len() / 4);
        let written = match self {
            Self::Brotli => {
                let mut encoder =
                    brotli::CompressorWriter::new(out, BROTLI_BUFFER_BYTES, level, BROTLI_WINDOW);
                encoder.write_all(body).map(|()| encoder.into_inner())
            }
            Self::Gzip => {
                let mut encoder = GzEncoder::new(out, Compression::new(level));
                encoder.write_all(body).and_then(|()| encoder.finish())
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(out, Compression::new(level));
                encoder.write_all(body).and_then(|()| encoder.finish())
            }
        };
        written.expect("memory can be written to")
    }

    /// How much the client likes it, in thousandths; 0 is not at all.
    fn quality(self, request: &HeaderMap) -> u16 {
        let mut any = 0;
        let values = request.get_all(ACCEPT_ENCODING).iter();
        for entry in values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
        {
            let mut parts = entry.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let quality = parts
                .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .map_or(1000, thousandths);
            if name.eq_ignore_ascii_case(self.name()) {
                return quality;
            }
            if name == "*" {
                any = quality;
            }
        }
        any
    }
}

/// A weight of HTTP, `0` to `1` with three digits; what is none counts as nothing.
fn thousandths(text: &str) -> u16 {
    let weight = text.parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0);
    // NaN becomes 0.
    (weight * 1000.0) as u16
}

const BROTLI_BUFFER_BYTES: usize = 4096;

/// As base-2 logarithm; the largest that every browser takes.
const BROTLI_WINDOW: u32 = 22;

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_client_chooses_and_equals_are_ours() {
        use Encoding::{Brotli, Deflate, Gzip};
        let cases = [
            ("", None),
            ("identity", None),
            ("gzip, deflate, br, zstd", Some(Brotli)),
            ("gzip;q=1.0, deflate;q=0.5", Some(Gzip)),
            ("gzip;q=0.5, deflate; q=0.8", Some(Deflate)),
            ("GZIP", Some(Gzip)),
            ("*", Some(Brotli)),
            ("br;q=0, *;q=0.1", Some(Gzip)),
            ("gzip;q=0", None),
            ("gzip;q=NaN, deflate;q=-1, br;q=x", None),
            ("gzip;q=0.0001, deflate;q=0.001", Some(Deflate)),
            ("\u{e9}", None),
        ];
        for (header, expected) in cases {
            let mut request = HeaderMap::new();
            request.insert(
                ACCEPT_ENCODING,
                HeaderValue::from_bytes(header.as_bytes()).unwrap(),
            );
            assert_eq!(Encoding::choose(&request, &Encoding::ALL), expected, "{header}");
        }
        assert_eq!(Encoding::choose(&HeaderMap::new(), &Encoding::ALL), None);
    }

    #[test]
    fn what_is_compressed_can_be_read_again() {
        let body = b"{\"a\":[1,2,3]}".repeat(1000);
        for encoding in Encoding::ALL {
            let compressed = encoding.compress(&body, 6);
            assert!(compressed.len() < body.len() / 20, "{encoding:?}");
            let mut read = Vec::new();
            match encoding {
                Encoding::Brotli => brotli::Decompressor::new(&compressed[..], 4096).read_to_end(&mut read),
                Encoding::Gzip => flate2::read::GzDecoder::new(&compressed[..]).read_to_end(&mut read),
                Encoding::Deflate => flate2::read::ZlibDecoder::new(&compressed[..]).read_to_end(&mut read),
            }
            .unwrap();
            assert_eq!(read, body, "{encoding:?}");
        }
    }
}
