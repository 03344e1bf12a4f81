//! The files of a client, served beside the server.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::Full;

/// The files of a Socket.IO client which the server offers beside itself, as `/socket.io/<name>`.
#[derive(Clone, Debug, Default)]
pub struct ClientBundle {
    /// Version of the client; it is the entity tag of every file.
    pub version: String,
    /// The files. Nothing else is served, whatever the name in the request.
    pub files: Vec<BundleFile>,
}

/// One file of a [`ClientBundle`].
#[derive(Clone, Debug)]
pub struct BundleFile {
    /// Name below the path, e.g. `socket.io.min.js`.
    pub name: String,
    /// Value of the `Content-Type` header.
    pub content_type: String,
    /// Content.
    pub bytes: Bytes,
}

impl ClientBundle {
    pub(crate) fn file(&self, name: &str) -> Option<&BundleFile> {
        self.files.iter().find(|file| file.name == name)
    }

    pub(crate) fn serve(
        &self,
        file: &BundleFile,
        method: &Method,
        headers: &HeaderMap,
    ) -> Response<Full<Bytes>> {
        if method != Method::GET && method != Method::HEAD {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            return response;
        }
        let tag = format!("\"{}\"", self.version);
        let matches = headers
            .get(IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .split(',')
                    .map(str::trim)
                    .any(|entry| entry.strip_prefix("W/").unwrap_or(entry) == tag)
            });
        let body = if matches { Bytes::new() } else { file.bytes.clone() };
        let mut response = Response::new(Full::new(body));
        if matches {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=0"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
        if let Ok(content_type) = HeaderValue::from_str(&file.content_type)
            && !matches
        {
            headers.insert(CONTENT_TYPE, content_type);
        }
        response
    }
}
