//! What the server counts, in the names that all embedding servers of this repository share.

use std::fs;
use std::time::Duration;

use prometheus::{
    Encoder, Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, Opts, Registry,
    TextEncoder,
};

const DURATION_BUCKETS_SECONDS: [f64; 13] =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Counters of one server, in a registry of their own.
pub struct Metrics {
    pub texts: IntCounter,
    requests: IntCounterVec,
    duration: Histogram,
    peak_memory: Gauge,
    registry: Registry,
}

impl Metrics {
    /// Creates every series at zero.
    pub fn new(model_load_time: Duration) -> prometheus::Result<Self> {
        let requests = Opts::new("embedding_requests_total", "Requests to /embed by HTTP status.");
        let duration = HistogramOpts::new(
            "embedding_request_duration_seconds",
            "Time from the head of a request to /embed until its answer is ready.",
        );
        let metrics = Self {
            texts: IntCounter::new("embedding_texts_total", "Texts embedded.")?,
            requests: IntCounterVec::new(requests, &["code"])?,
            duration: Histogram::with_opts(duration.buckets(DURATION_BUCKETS_SECONDS.to_vec()))?,
            peak_memory: Gauge::new(
                "embedding_peak_memory_bytes",
                "Largest resident memory of the process so far.",
            )?,
            registry: Registry::new(),
        };
        let model_load = Gauge::new(
            "embedding_model_load_seconds",
            "Time it took to load tokenizer and model.",
        )?;
        model_load.set(model_load_time.as_secs_f64());
        metrics.requests.with_label_values(&["200"]);
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.texts.clone()))?;
        metrics.registry.register(Box::new(metrics.duration.clone()))?;
        metrics.registry.register(Box::new(model_load))?;
        // Where there is no /proc the figure is not known, and a gauge at 0 would be a lie.
        if peak_memory_bytes().is_some() {
            metrics.registry.register(Box::new(metrics.peak_memory.clone()))?;
        }
        Ok(metrics)
    }

    /// Counts one answer of /embed.
    pub fn answered(&self, code: u16, duration: Duration) {
        self.requests.with_label_values(&[&code.to_string()]).inc();
        self.duration.observe(duration.as_secs_f64());
    }

    /// Returns the figures in Prometheus' text format.
    pub fn expose(&self) -> prometheus::Result<Vec<u8>> {
        if let Some(bytes) = peak_memory_bytes() {
            self.peak_memory.set(bytes);
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// Returns `VmHWM`, which the kernel keeps.
fn peak_memory_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}
