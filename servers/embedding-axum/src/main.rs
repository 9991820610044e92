//! An embedding server on Axum and ONNX Runtime: a target for load, and a peer for the other
//! embedding servers of this repository, which answer the same API.

mod api;
mod embedder;
mod metrics;
mod options;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use clap::Parser;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::api::{Service, router};
use crate::embedder::Embedder;
use crate::metrics::Metrics;
use crate::options::Options;

/// What is still being computed then is given up, so that the process is gone within ten seconds.
const FINISH_WITHIN: Duration = Duration::from_secs(7);
/// For the answers that say so, and again for the threads that computed.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let options = Options::parse();
    // Tokenizing is part of the work that sessions count; it must not spread over more cores.
    tokenizers::utils::parallelism::set_parallelism(false);
    let served = Runtime::new().map_err(Box::from).and_then(|runtime| {
        let served = runtime.block_on(serve(options));
        // Nothing that a stopped server still computes is of use to anybody.
        runtime.shutdown_timeout(LAST_ANSWERS_WITHIN);
        served
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("embedding-axum: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Loads the model, then serves until a signal comes.
async fn serve(options: Options) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut signals = StopSignals::listen()?;
    let (host, port) = (options.host.clone(), options.port);
    let (max_batch, max_body_bytes) = (options.max_batch.get(), options.max_body_bytes.get());
    let loaded = tokio::select! {
        loaded = tokio::task::spawn_blocking(move || Embedder::load(&options)) => loaded?,
        () = signals.next() => return Ok(()),
    };
    let embedder = Arc::new(loaded?);
    let metrics = Metrics::new(embedder.load_time)?;
    let listener = TcpListener::bind((host.as_str(), port))
        .await
        .map_err(|error| format!("cannot listen on {host} port {port}: {error}"))?;
    println!("embedding-axum: {} on {}", embedder.model_name, listener.local_addr()?);
    let service = Service { embedder: Arc::clone(&embedder), metrics, max_batch, max_body_bytes };
    // A failure to set it costs latency and nothing else.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, router(Arc::new(service)))
        .with_graceful_shutdown(async { drop(stopped.await) });
    let mut serving = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut serving => return Ok(ended??),
        () = signals.next() => drop(stop),
    }
    if timeout(FINISH_WITHIN, &mut serving).await.is_err() {
        embedder.give_up();
        // A client that has not sent its whole request by now never gets an answer.
        drop(timeout(LAST_ANSWERS_WITHIN, serving).await);
    }
    Ok(())
}

struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }
}
