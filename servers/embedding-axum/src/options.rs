//! Command line and environment, the same as those of the other embedding servers.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;

/// Embedding server on Axum and ONNX Runtime: POST /embed, GET /health, GET /metrics.
#[derive(Parser)]
#[command(name = "embedding-axum", version)]
pub struct Options {
    /// Address to listen on.
    #[arg(long, env = "EMBEDDING_HOST", default_value = "127.0.0.1")]
    pub host: String,
    /// Port to listen on.
    #[arg(long, env = "EMBEDDING_PORT", default_value_t = 8000,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Folder prepared by servers/models.
    #[arg(long, env = "EMBEDDING_MODEL_DIR", default_value = "model")]
    pub model_dir: PathBuf,
    /// Threads that compute one request.
    #[arg(long, env = "EMBEDDING_THREADS", default_value = "1")]
    pub threads: NonZeroUsize,
    /// Requests computed at the same time; each takes a session with weights of its own.
    #[arg(long, env = "EMBEDDING_CONCURRENCY", default_value = "1")]
    pub concurrency: NonZeroUsize,
    /// Texts in a request.
    #[arg(long, env = "EMBEDDING_MAX_BATCH", default_value = "64")]
    pub max_batch: NonZeroUsize,
    /// Tokens of a text; the rest is cut off.
    #[arg(long, env = "EMBEDDING_MAX_TOKENS", default_value = "256")]
    pub max_tokens: NonZeroUsize,
    /// Size of a request body.
    #[arg(long, env = "EMBEDDING_MAX_BODY_BYTES", default_value = "1048576")]
    pub max_body_bytes: NonZeroUsize,
    /// ONNX Runtime's shared library, libonnxruntime.so.
    #[arg(long, env = "ORT_DYLIB_PATH")]
    pub ort_dylib: Option<PathBuf>,
}
