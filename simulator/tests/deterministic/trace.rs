//! What happened in one run, in order, with the virtual time; and what went wrong.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use tokio::time::Instant;

/// Events kept when not all are.
const TAIL: usize = 60;

pub struct Trace {
    began: Instant,
    keeps_all: bool,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    events: VecDeque<String>,
    faults: Vec<String>,
}

impl Trace {
    /// Begins now; must be called within the runtime of the run.
    pub fn begin(keeps_all: bool) -> Self {
        Self { began: Instant::now(), keeps_all, inner: Mutex::default() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub fn event(&self, text: &str) {
        let mut inner = self.inner();
        if !self.keeps_all && inner.events.len() == TAIL {
            inner.events.pop_front();
        }
        inner.events.push_back(format!("{:>8} {text}", self.began.elapsed().as_millis()));
    }

    /// Something that must never happen.
    pub fn fault(&self, text: String) {
        self.event(&format!("FAULT: {text}"));
        self.inner().faults.push(text);
    }

    pub fn faults(&self) -> Vec<String> {
        self.inner().faults.clone()
    }

    pub fn events(&self) -> Vec<String> {
        self.inner().events.iter().cloned().collect()
    }
}
