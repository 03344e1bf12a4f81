//! What the server answers besides Socket.IO: the page, its health, its figures, and its matches.
//!
//! The figures and the matches are for whoever runs the server. They are open to this machine, and to others with the
//! admin token. A request with the headers of a proxy is not from this machine, whatever address it comes from; a proxy on
//! this machine that adds none and passes on a local name is not told apart.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::json;
use shared::ids::MatchId;
use simulation::command::{MatchStatus, Refused, Reply};
use simulation::shard::Health;
use socketio::SocketIo;

use crate::matches::Matches;
use crate::metrics::Metrics;
use crate::origin::names_this_machine;
use crate::overview::Overview;
use crate::replays::Replays;
use crate::seats::Seats;

/// Only our own files, and connections to where the page came from. PixiJS makes workers and pictures from blobs, and
/// the page sets styles on its own elements.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; connect-src 'self'; img-src 'self' data: blob:; \
    worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'";

/// How long a match may take to describe itself; it does so between two ticks.
const STATUS_PATIENCE: Duration = Duration::from_secs(2);

/// What the answers are made of.
#[derive(Clone)]
pub(crate) struct App {
    /// The running matches.
    pub(crate) matches: Arc<Matches>,
    /// What shows recordings, if anything does.
    pub(crate) replays: Option<Arc<Replays>>,
    /// Every figure.
    pub(crate) metrics: Arc<Metrics>,
    /// Set when the server shuts down.
    pub(crate) closing: Arc<AtomicBool>,
    /// What opens the figures to other machines.
    pub(crate) admin_token: Option<Arc<str>>,
    /// The connections.
    pub(crate) io: SocketIo,
    /// Who plays.
    pub(crate) seats: Arc<Seats>,
    /// What the server is called.
    pub(crate) name: Arc<str>,
    /// When it began.
    pub(crate) started: Instant,
}

/// All routes.
pub(crate) fn router(app: App) -> Router {
    let admin = Router::new()
        .route("/metrics", get(metrics))
        .route("/api/overview", get(overview))
        .route("/api/matches", get(match_list))
        .route("/api/matches/{id}", get(match_status))
        .layer(from_fn_with_state(app.clone(), admin_only));
    Router::new()
        .merge(admin)
        .route("/healthz", get(health))
        .route("/admin", get(admin_page))
        .fallback(page)
        .with_state(app)
}

async fn health(State(app): State<App>) -> Response {
    let now = Instant::now();
    let replays = app.replays.map(|replays| replays.health(now));
    let (code, body) = health_at(&app.matches, replays, app.closing.load(Ordering::Relaxed), now);
    (code, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Red while the server shuts down and while a shard is stuck. That of the recordings is told and makes nothing red: who plays does
/// not notice it, and what watches a server would end all matches to mend it.
fn health_at(
    matches: &Matches,
    replays: Option<Health>,
    closing: bool,
    now: Instant,
) -> (StatusCode, serde_json::Value) {
    let shards = matches.shards();
    let sick: Vec<usize> = (0..shards.count())
        .filter(|&shard| shards.health(shard, now) != Health::Well)
        .collect();
    let (code, status) = if closing {
        (StatusCode::SERVICE_UNAVAILABLE, "closing")
    } else if sick.is_empty() {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "stuck")
    };
    let body = json!({
        "status": status, "version": env!("CARGO_PKG_VERSION"), "matches": matches.count(),
        "shards": shards.count(), "shards_stuck": sick, "replays": replays.map(Health::word),
    });
    (code, body)
}

async fn metrics(State(app): State<App>) -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.metrics.text(),
    )
        .into_response()
}

async fn overview(State(app): State<App>) -> Response {
    let overview = Overview {
        name: &app.name,
        started: app.started,
        closing: app.closing.load(Ordering::Relaxed),
        io: &app.io,
        seats: &app.seats,
        matches: &app.matches,
    };
    let body = overview.json(Instant::now());
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn match_list(State(app): State<App>) -> Response {
    let list: Vec<_> = app
        .matches
        .list()
        .iter()
        .map(|running| {
            let handle = &running.handle;
            json!({
                "id": handle.id(), "mode": running.mode(), "map": &*handle.map(), "phase": handle.phase(),
                "people": handle.people(), "places": handle.places(), "open": handle.has_place(),
                "private": running.is_private(),
            })
        })
        .collect();
    Json(json!({ "matches": list })).into_response()
}

async fn match_status(State(app): State<App>, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse() else {
        return error(StatusCode::BAD_REQUEST, "a match is named by a whole number");
    };
    let Some(handle) = app.matches.find(MatchId(id)) else {
        return error(
            StatusCode::NOT_FOUND,
            "there is no such match; /api/matches lists them",
        );
    };
    let (sender, receiver) = tokio::sync::oneshot::channel();
    handle.inspect(Reply::new(move |answer| {
        // Whoever asked may have gone.
        let _ = sender.send(answer);
    }));
    match tokio::time::timeout(STATUS_PATIENCE, receiver).await {
        Ok(Ok(Ok(status))) => Json(status_json(&status)).into_response(),
        Ok(Ok(Err(Refused::Ended))) => error(StatusCode::NOT_FOUND, "the match has just ended"),
        _ => error(StatusCode::SERVICE_UNAVAILABLE, "the match is busy; ask again"),
    }
}

fn status_json(status: &MatchStatus) -> serde_json::Value {
    let players: Vec<_> = status
        .players
        .iter()
        .map(|player| {
            json!({
                "player": player.player, "entity": player.entity, "name": player.name, "bot": player.bot,
                "x": player.x, "y": player.y, "score": player.score,
            })
        })
        .collect();
    json!({ "id": status.id, "tick": status.tick, "phase": status.phase, "hash": format!("{:016x}", status.hash), "players": players })
}

fn error(code: StatusCode, text: &str) -> Response {
    (code, Json(json!({ "error": text }))).into_response()
}

async fn admin_only(State(app): State<App>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<SocketAddr>().copied();
    let direct = !["forwarded", "x-forwarded-for", "x-real-ip"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    let local = direct
        && names_this_machine(request.headers())
        && peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    if local || has_token(request.headers(), app.admin_token.as_deref()) {
        next.run(request).await
    } else {
        error(
            StatusCode::FORBIDDEN,
            "only for this machine, or with the admin token (--admin-token)",
        )
    }
}

fn has_token(headers: &HeaderMap, token: Option<&str>) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    match (given, token) {
        (Some(given), Some(token)) => equal_in_constant_time(given, token.as_bytes()),
        _ => false,
    }
}

/// Takes as long for a nearly right token as for a wrong one, so that it cannot be guessed piece by piece.
fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}

async fn page(request_uri: Uri, method: axum::http::Method) -> Response {
    if method != axum::http::Method::GET && method != axum::http::Method::HEAD {
        return error(StatusCode::METHOD_NOT_ALLOWED, "the page can only be read");
    }
    let path = request_uri.path().trim_start_matches('/');
    page_at(if path.is_empty() { "index.html" } else { path })
}

/// The page has nothing in it that not everybody may know: it asks for the figures, and for the token.
async fn admin_page() -> Response {
    page_at("admin.html")
}

fn page_at(path: &str) -> Response {
    let Some(file) = client_web::page_file(path) else {
        return error(StatusCode::NOT_FOUND, "there is nothing here; the game is at /");
    };
    // Names of assets carry a hash of what is in them, so they never change; the page that names them may.
    let cache = if file.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    // What is in the binary is not copied for each request.
    let body = match file.bytes {
        Cow::Borrowed(bytes) => Body::from(Bytes::from_static(bytes)),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::from_str(file.content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

#[cfg(test)]
mod tests {
    use simulation::shard::STUCK_AFTER;

    use super::*;
    use crate::matches::tests::stuck_in_its_first_match;

    #[tokio::test]
    async fn health_is_red_while_a_shard_is_stuck_and_while_the_server_closes() {
        let before = Instant::now();
        let (matches, go_on) = stuck_in_its_first_match(2);
        let later = Instant::now() + STUCK_AFTER;
        let status = |closing, now| {
            let (code, body) = health_at(&matches, Some(Health::Stuck), closing, now);
            assert_eq!(body["replays"], "stuck", "it is told, and decides nothing");
            (
                code.as_u16(),
                body["status"].clone(),
                body["shards_stuck"].clone(),
            )
        };
        assert_eq!(status(false, before), (200, json!("ok"), json!([])));
        assert_eq!(status(true, before), (503, json!("closing"), json!([])));
        assert_eq!(status(false, later), (503, json!("stuck"), json!([0])));
        drop(go_on);
    }

    #[test]
    fn only_the_whole_token_opens() {
        let check = |given: &'static str, token: Option<&str>, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(given));
            assert_eq!(has_token(&headers, token), expected, "{given} {token:?}");
        };
        check("Bearer secret", Some("secret"), true);
        check("Bearer secre", Some("secret"), false);
        check("Bearer secreT", Some("secret"), false);
        check("Bearer ", Some("secret"), false);
        check("Bearer ", None, false);
        check("secret", Some("secret"), false);
    }
}
