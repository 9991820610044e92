//! Texts in, unit-length embeddings out: tokenizer and a pool of ONNX Runtime sessions.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ort::environment::Environment;
use ort::session::{RunOptions, Session, SessionInputValue};
use ort::value::Tensor;
use serde::Deserialize;
use tokenizers::{Encoding, PaddingParams, Tokenizer, TruncationParams};
use tokio::sync::Semaphore;

use crate::options::Options;

/// `[CLS]`, one token of the text, `[SEP]`.
const FEWEST_TOKENS: usize = 3;
const MODEL_FILES: [&str; 3] = ["model.onnx", "tokenizer.json", "config.json"];

/// Why there is no embedding.
pub enum EmbedError {
    /// The server is going down and does not wait for this one any more.
    GivenUp,
    /// Something that should not happen; the text is for the log.
    Failed(String),
}

/// The part of Hugging Face's `config.json` that a server needs.
#[derive(Deserialize)]
struct Config {
    hidden_size: usize,
    max_position_embeddings: usize,
    #[serde(default)]
    pad_token_id: u32,
    #[serde(rename = "_name_or_path")]
    name: Option<String>,
}

/// A loaded model that many requests may call; as many compute at a time as there are sessions.
pub struct Embedder {
    pub model_name: String,
    pub dimension: usize,
    pub load_time: Duration,
    tokenizer: Tokenizer,
    sessions: Mutex<Vec<Session>>,
    permits: Arc<Semaphore>,
    run_options: RunOptions,
    // Sessions need it for as long as they live.
    _environment: Environment,
}

impl Embedder {
    /// Loads the model; the error is a sentence that says what to do.
    pub fn load(options: &Options) -> Result<Self, String> {
        let started = Instant::now();
        let folder = &options.model_dir;
        let environment = open_runtime(options.ort_dylib.as_deref())?;
        refuse_incomplete(folder)?;
        let explain = |error: Box<dyn Error + Send + Sync>| {
            format!("cannot load the model in {}: {error}", folder.display())
        };
        let config = read_config(folder).map_err(explain)?;
        check_length(options.max_tokens.get(), config.max_position_embeddings)?;
        let tokenizer = open_tokenizer(folder, &config, options).map_err(explain)?;
        let count = options.concurrency.get();
        let sessions = (0..count)
            .map(|_| open_session(&environment, folder, options.threads.get()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(explain)?;
        let embedder = Self {
            model_name: config.name.unwrap_or_else(|| folder_name(folder)),
            dimension: config.hidden_size,
            load_time: started.elapsed(),
            tokenizer,
            sessions: Mutex::new(sessions),
            permits: Arc::new(Semaphore::new(count)),
            run_options: RunOptions::new().map_err(|error| explain(error.into()))?,
            _environment: environment,
        };
        embedder.warm_up(count).map_err(explain)?;
        Ok(embedder)
    }

    /// Returns one embedding after the other; waits until a session is free.
    pub async fn embed(self: &Arc<Self>, texts: Vec<String>) -> Result<Vec<f32>, EmbedError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| EmbedError::GivenUp)?;
        let embedder = Arc::clone(self);
        let computed = tokio::task::spawn_blocking(move || {
            // The permit goes back when the work ends, not when a client stops waiting for it.
            let _permit = permit;
            embedder.compute(texts).map_err(|error| error.to_string())
        });
        match computed.await {
            Ok(Ok(embeddings)) => Ok(embeddings),
            _ if self.permits.is_closed() => Err(EmbedError::GivenUp),
            Ok(Err(reason)) => Err(EmbedError::Failed(reason)),
            Err(panicked) => Err(EmbedError::Failed(panicked.to_string())),
        }
    }

    /// Ends what is being computed and refuses what waits.
    pub fn give_up(&self) {
        self.permits.close();
        if let Err(error) = self.run_options.terminate() {
            eprintln!("embedding-axum: {error}");
        }
    }

    fn compute(&self, texts: Vec<String>) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> {
        let encodings = self.tokenizer.encode_batch(texts, true)?;
        let mut session = LentSession::take(&self.sessions);
        session.run(&encodings, &self.run_options)
    }

    /// The first run of a session allocates; no request shall pay for it.
    fn warm_up(&self, count: usize) -> Result<(), Box<dyn Error + Send + Sync>> {
        let encodings = self.tokenizer.encode_batch(vec!["warm-up"], true)?;
        let mut lent: Vec<_> = (0..count).map(|_| LentSession::take(&self.sessions)).collect();
        for session in &mut lent {
            session.run(&encodings, &self.run_options)?;
        }
        Ok(())
    }
}

/// A session out of the pool; it goes back also when a computation panics.
struct LentSession<'pool> {
    pool: &'pool Mutex<Vec<Session>>,
    session: Option<Session>,
}

impl<'pool> LentSession<'pool> {
    /// There are as many sessions as permits, so that a caller with a permit finds one.
    fn take(pool: &'pool Mutex<Vec<Session>>) -> Self {
        let session = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self { pool, session }
    }

    fn run(
        &mut self,
        encodings: &[Encoding],
        run_options: &RunOptions,
    ) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> {
        let session = self.session.as_mut().ok_or("no session is free")?;
        let length = encodings.first().map_or(0, Encoding::len);
        let shape = [encodings.len(), length];
        let flat = |part: fn(&Encoding) -> &[u32]| -> Vec<i64> {
            encodings.iter().flat_map(part).map(|&value| i64::from(value)).collect()
        };
        let mut inputs: Vec<(&str, SessionInputValue)> = vec![
            ("input_ids", Tensor::from_array((shape, flat(Encoding::get_ids)))?.into()),
            (
                "attention_mask",
                Tensor::from_array((shape, flat(Encoding::get_attention_mask)))?.into(),
            ),
        ];
        // Exports by other tools want the segment ids, ours does not.
        if session.inputs().iter().any(|input| input.name() == "token_type_ids") {
            let zeros = vec![0_i64; shape[0] * shape[1]];
            inputs.push(("token_type_ids", Tensor::from_array((shape, zeros))?.into()));
        }
        let outputs = session.run_with_options(inputs, run_options)?;
        let output = outputs.get("sentence_embedding").ok_or("no output sentence_embedding")?;
        Ok(output.try_extract_tensor::<f32>()?.1.to_vec())
    }
}

impl Drop for LentSession<'_> {
    fn drop(&mut self) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.extend(self.session.take());
    }
}

fn open_runtime(dylib: Option<&Path>) -> Result<Environment, String> {
    let remedy = "run servers/embedding-axum/install.sh and start the server with serve.sh, or \
                  name ONNX Runtime's shared library with ORT_DYLIB_PATH or --ort-dylib";
    let path = dylib.ok_or_else(|| format!("libonnxruntime.so is not known; {remedy}"))?;
    if !path.is_file() {
        return Err(format!("{} is not there; {remedy}", path.display()));
    }
    ort::init_from(path)
        .map_err(|error| format!("cannot load {}: {error}; {remedy}", path.display()))?
        .with_telemetry(false)
        .build()
        .map_err(|error| format!("ONNX Runtime does not start: {error}"))
}

fn refuse_incomplete(folder: &Path) -> Result<(), String> {
    let missing: Vec<_> =
        MODEL_FILES.into_iter().filter(|name| !folder.join(name).is_file()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} has no {}; run servers/models/install.sh or name another folder with --model-dir",
        folder.display(),
        missing.join(", ")
    ))
}

fn check_length(tokens: usize, longest: usize) -> Result<(), String> {
    if (FEWEST_TOKENS..=longest).contains(&tokens) {
        return Ok(());
    }
    Err(format!("--max-tokens {tokens} is not between {FEWEST_TOKENS} and the model's {longest}"))
}

fn read_config(folder: &Path) -> Result<Config, Box<dyn Error + Send + Sync>> {
    Ok(serde_json::from_slice(&fs::read(folder.join("config.json"))?)?)
}

fn open_tokenizer(
    folder: &Path,
    config: &Config,
    options: &Options,
) -> Result<Tokenizer, Box<dyn Error + Send + Sync>> {
    let mut tokenizer = Tokenizer::from_file(folder.join("tokenizer.json"))?;
    let max_length = options.max_tokens.get();
    tokenizer.with_truncation(Some(TruncationParams { max_length, ..Default::default() }))?;
    let pad_id = config.pad_token_id;
    tokenizer.with_padding(Some(PaddingParams { pad_id, ..Default::default() }));
    Ok(tokenizer)
}

fn open_session(
    environment: &Environment,
    folder: &Path,
    threads: usize,
) -> Result<Session, Box<dyn Error + Send + Sync>> {
    let builder = Session::builder(environment)?
        .with_intra_threads(threads)
        .map_err(|error| error.to_string())?
        .with_inter_threads(1)
        .map_err(|error| error.to_string())?
        // Spinning threads would count as work in every CPU figure taken of this server.
        .with_intra_op_spinning(false);
    let mut builder = builder.map_err(|error| error.to_string())?;
    Ok(builder.commit_from_file(folder.join("model.onnx"))?)
}

fn folder_name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}
