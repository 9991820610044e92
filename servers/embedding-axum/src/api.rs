//! The HTTP side: routes, reading and refusing requests, answers.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::{Value, json};

use crate::embedder::{EmbedError, Embedder};
use crate::metrics::Metrics;

/// A client that is refused while it writes may lose the answer when its connection is closed under
/// it, so the rest of a body that is too large is read and dropped, up to so many limits.
const DROPPED_LIMITS: usize = 8;
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Everything that a handler may need.
pub struct Service {
    pub embedder: Arc<Embedder>,
    pub metrics: Metrics,
    pub max_batch: usize,
    pub max_body_bytes: usize,
}

/// An answer other than 200: its status and a sentence for a person.
struct Refusal(StatusCode, String);

impl Refusal {
    fn unprocessable(text: &str) -> Self {
        Self(StatusCode::UNPROCESSABLE_ENTITY, text.to_owned())
    }

    fn too_large(text: String) -> Self {
        Self(StatusCode::PAYLOAD_TOO_LARGE, text)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, text) = self;
        json_response(status, json!({ "error": text }).to_string())
    }
}

impl From<EmbedError> for Refusal {
    fn from(error: EmbedError) -> Self {
        match error {
            EmbedError::GivenUp => {
                Self(StatusCode::SERVICE_UNAVAILABLE, "the server is shutting down".to_owned())
            }
            EmbedError::Failed(reason) => {
                eprintln!("embedding-axum: {reason}");
                let text = "internal error, see the server's log".to_owned();
                Self(StatusCode::INTERNAL_SERVER_ERROR, text)
            }
        }
    }
}

/// Returns the application that serves `service`.
pub fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/embed", post(embed))
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .fallback(|| async { Refusal(StatusCode::NOT_FOUND, "Not Found".to_owned()) })
        .method_not_allowed_fallback(|| async {
            Refusal(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed".to_owned())
        })
        .layer(middleware::from_fn_with_state(Arc::clone(&service), measure))
        .with_state(service)
}

async fn embed(State(service): State<Arc<Service>>, request: Request) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let body = read_body(&head.headers, body, service.max_body_bytes).await?;
    let texts = parse_texts(&body, service.max_batch)?;
    let count = texts.len();
    let embeddings = service.embedder.embed(texts).await?;
    service.metrics.texts.inc_by(count as u64);
    Ok(embedding_response(&service.embedder, &embeddings))
}

async fn health() -> Response {
    json_response(StatusCode::OK, json!({ "status": "ok" }).to_string())
}

async fn metrics(State(service): State<Arc<Service>>) -> Result<Response, Refusal> {
    let text = service.metrics.expose();
    let text = text.map_err(|error| Refusal::from(EmbedError::Failed(error.to_string())))?;
    Ok(([(header::CONTENT_TYPE, METRICS_TYPE)], text).into_response())
}

/// Counts and times /embed; the figures are there before the answer leaves.
async fn measure(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    if request.uri().path() != "/embed" {
        return next.run(request).await;
    }
    let started = Instant::now();
    let response = next.run(request).await;
    service.metrics.answered(response.status().as_u16(), started.elapsed());
    response
}

/// Returns the body, or refuses it when it is announced or found to be too large.
async fn read_body(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced: usize = announced.and_then(|text| text.parse().ok()).unwrap_or(0);
    let too_large = || Refusal::too_large(format!("the body is larger than {limit} bytes"));
    let dropped = limit.saturating_mul(DROPPED_LIMITS);
    if announced > dropped {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(announced.min(limit));
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            let text = "the connection ended before the body did".to_owned();
            Refusal(StatusCode::BAD_REQUEST, text)
        })?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len();
        if seen <= limit {
            bytes.extend_from_slice(&data);
        } else if seen > dropped {
            break;
        }
    }
    if seen > limit { Err(too_large()) } else { Ok(bytes) }
}

/// Returns the texts of a request body, or refuses it.
fn parse_texts(body: &[u8], limit: usize) -> Result<Vec<String>, Refusal> {
    let document = serde_json::from_slice(body).map_err(|error| {
        Refusal(StatusCode::BAD_REQUEST, format!("the body is not JSON: {error}"))
    })?;
    let wrong = || Refusal::unprocessable("expected an object {\"texts\": [string, ...]}");
    let Value::Object(mut object) = document else { return Err(wrong()) };
    let Some(Value::Array(values)) = object.remove("texts") else { return Err(wrong()) };
    let texts: Option<Vec<String>> = values
        .into_iter()
        .map(|value| if let Value::String(text) = value { Some(text) } else { None })
        .collect();
    let texts = texts.ok_or_else(wrong)?;
    if texts.is_empty() {
        return Err(Refusal::unprocessable("\"texts\" is empty"));
    }
    if texts.len() > limit {
        let count = texts.len();
        return Err(Refusal::too_large(format!(
            "{count} texts are more than the limit of {limit}"
        )));
    }
    Ok(texts)
}

#[derive(Serialize)]
struct EmbedAnswer<'a> {
    embeddings: Vec<&'a [f32]>,
    model: &'a str,
    dim: usize,
}

fn embedding_response(embedder: &Embedder, embeddings: &[f32]) -> Response {
    let answer = EmbedAnswer {
        embeddings: embeddings.chunks(embedder.dimension).collect(),
        model: &embedder.model_name,
        dim: embedder.dimension,
    };
    match serde_json::to_string(&answer) {
        Ok(text) => json_response(StatusCode::OK, text),
        Err(error) => Refusal::from(EmbedError::Failed(error.to_string())).into_response(),
    }
}

fn json_response(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}
