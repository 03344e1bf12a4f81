//! The files of a client, served beside the server.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::Full;
use tokio::sync::OnceCell;

use super::compression::Encoding;

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

/// A bundle as it is served: each file in each encoding, compressed when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct Files {
    tag: Option<HeaderValue>,
    files: Vec<Arc<Packed>>,
}

/// One of the files.
#[derive(Debug)]
pub(crate) struct Packed {
    file: BundleFile,
    compressed: [OnceCell<Bytes>; Encoding::ALL.len()],
}

impl From<ClientBundle> for Files {
    fn from(bundle: ClientBundle) -> Self {
        let packed = |file| {
            Arc::new(Packed {
                file,
                compressed: Default::default(),
            })
        };
        Self {
            tag: HeaderValue::try_from(format!("\"{}\"", bundle.version)).ok(),
            files: bundle.files.into_iter().map(packed).collect(),
        }
    }
}

impl Files {
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Packed>> {
        self.files.iter().find(|packed| packed.file.name == name)
    }

    pub(crate) async fn serve(
        &self,
        packed: &Arc<Packed>,
        method: &Method,
        request: &HeaderMap,
    ) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        if method != Method::GET && method != Method::HEAD {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=0"));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(tag) = &self.tag {
            headers.insert(ETAG, tag.clone());
        }
        if self.matches(request) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        if let Ok(content_type) = HeaderValue::from_str(&packed.file.content_type) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        *response.body_mut() = match Encoding::choose(request, &Encoding::ALL) {
            Some(encoding) => {
                headers.insert(CONTENT_ENCODING, encoding.header());
                packed.compressed(encoding).await.into()
            }
            None => packed.file.bytes.clone().into(),
        };
        response
    }

    /// Whether the client has this version already.
    fn matches(&self, request: &HeaderMap) -> bool {
        let Some(Ok(tag)) = self.tag.as_ref().map(HeaderValue::to_str) else {
            return false;
        };
        let known = request.get_all(IF_NONE_MATCH).iter();
        known.filter_map(|value| value.to_str().ok()).any(|value| {
            value
                .split(',')
                .map(str::trim)
                .any(|entry| entry.strip_prefix("W/").unwrap_or(entry) == tag)
        })
    }
}

impl Packed {
    async fn compressed(self: &Arc<Self>, encoding: Encoding) -> Bytes {
        let compressing = || async {
            let packed = self.clone();
            let work = move || Bytes::from(encoding.compress(&packed.file.bytes, LEVEL));
            // It takes as long as some hundred requests.
            tokio::task::spawn_blocking(work)
                .await
                .expect("compressing does not panic, and the runtime lives while it serves")
        };
        self.compressed[encoding as usize]
            .get_or_init(compressing)
            .await
            .clone()
    }
}

/// Once per file: it may take its time.
const LEVEL: u32 = 9;
