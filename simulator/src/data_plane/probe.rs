//! Probes: whether a backend answers, asked at its interval.
//!
//! A probe says what it saw and nothing more. Thresholds, states and the all-dead-means-all-alive rule are the model's.
//! Backends of weight 0 are probed like the others.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clb_model::forwarding::{Backend, BackendAddress, Observation, Probe, ProbeKind};
use clb_model::id::{ListenerId, LoadBalancerId};
use clb_model::security_group::filter::SecurityFilters;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, sleep, timeout};

use super::counters::ListenerCounters;
use super::host::Host;
use super::listener::Surroundings;
use crate::faults::backends::BackendEffect;

/// How much of an HTTP answer is read to find its status.
const MAX_STATUS_LINE: usize = 1024;

/// The running probes of one listener.
pub struct Probes<H> {
    load_balancer: LoadBalancerId,
    listener: ListenerId,
    /// Where probes come from: the load balancer's address.
    source: IpAddr,
    around: Arc<Surroundings<H>>,
    counters: Arc<ListenerCounters>,
    probe: Option<Probe>,
    /// Whom backends let in; of use for the next probe of each.
    security: watch::Sender<SecurityFilters>,
    /// One for each backend of the listener.
    running: BTreeMap<BackendAddress, Running>,
}

/// A probe that ends when it is dropped.
struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<H: Host> Probes<H> {
    /// No probes yet.
    pub fn new(
        load_balancer: LoadBalancerId,
        listener: ListenerId,
        source: IpAddr,
        around: Arc<Surroundings<H>>,
        counters: Arc<ListenerCounters>,
    ) -> Self {
        let (probe, security, running) = (None, watch::Sender::default(), BTreeMap::new());
        Self { load_balancer, listener, source, around, counters, probe, security, running }
    }

    /// Probes exactly these backends in exactly this way. Probes that stay keep their rhythm.
    pub fn update(&mut self, probe: Option<&Probe>, backends: &[Backend], security: &SecurityFilters) {
        self.security.send_replace(security.clone());
        if self.probe.as_ref() != probe {
            self.running.clear();
            self.probe = probe.cloned();
        }
        self.running.retain(|address, _| backends.iter().any(|backend| backend.address == *address));
        let Some(probe) = probe else { return };
        for backend in backends {
            if !self.running.contains_key(&backend.address) {
                let running = self.start(probe.clone(), backend.address);
                self.running.insert(backend.address, running);
            }
        }
    }

    fn start(&self, probe: Probe, address: BackendAddress) -> Running {
        let (load_balancer, listener_id) = (self.load_balancer.clone(), self.listener.clone());
        let around = Arc::clone(&self.around);
        let counters = self.counters.backend(address);
        let (source, destination) = (self.source, self.around.plan.local(address));
        let security = self.security.subscribe();
        if let Err(unmapped) = &destination {
            tracing::warn!(listener = %listener_id, %unmapped, "the backend's probes fail");
        }
        Running(tokio::spawn(async move {
            let mut interval = tokio::time::interval(probe.interval.max(Duration::from_millis(1)));
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                interval.tick().await;
                let is_admitted = {
                    let security = security.borrow();
                    security.admits_at_backend(address, security.probe_source.unwrap_or(source))
                };
                let passed = match &destination {
                    Ok(destination) if is_admitted => {
                        match around.faults.backends.strike_probe(listener_id.as_str(), address, Instant::now()) {
                            None => passes(&*around.host, &probe, source, address, *destination).await,
                            Some(strike) => suffers(&probe, &strike.effect).await,
                        }
                    }
                    // Nobody answers what the backend's security groups drop.
                    Ok(_) => {
                        sleep(probe.timeout).await;
                        false
                    }
                    Err(_) => false,
                };
                if passed { &counters.probes_passed } else { &counters.probes_failed }.one();
                let observation = Observation::Probed {
                    load_balancer_id: load_balancer.clone(),
                    listener_id: listener_id.clone(),
                    address,
                    passed,
                };
                if around.observations.send(observation).await.is_err() {
                    return;
                }
            }
        }))
    }
}

/// One probe that a fault strikes.
async fn suffers(probe: &Probe, effect: &BackendEffect) -> bool {
    if *effect == BackendEffect::NoAnswer {
        sleep(probe.timeout).await;
    }
    false
}

/// One probe of the backend `address`, which is at `destination` on this machine.
async fn passes<H: Host>(
    host: &H,
    probe: &Probe,
    source: IpAddr,
    address: BackendAddress,
    destination: SocketAddr,
) -> bool {
    let asked = async {
        // Dropped at the end, it sends RST, as the platform's probes do.
        let stream = host.connect(source, destination).await?.stream;
        match &probe.kind {
            ProbeKind::Tcp => Ok(true),
            ProbeKind::Http { version, method, path, domain, codes } => {
                let host = domain.clone().unwrap_or_else(|| address.to_string());
                let line = format!("{method} {path} {version}");
                let status = http_status(stream, &line, &host).await?;
                Ok(is_expected(status, *codes))
            }
        }
    };
    matches!(timeout(probe.timeout, asked).await, Ok(Ok::<bool, io::Error>(true)))
}

/// Sends one request, which begins with that line, and reads the status code of the answer.
async fn http_status(mut stream: impl AsyncRead + AsyncWrite + Unpin, line: &str, host: &str) -> io::Result<u16> {
    let request =
        format!("{line}\r\nHost: {host}\r\nUser-Agent: clb-healthcheck\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut line = Vec::with_capacity(64);
    while line.len() < MAX_STATUS_LINE && !line.contains(&b'\n') {
        if stream.read_buf(&mut line).await? == 0 {
            break;
        }
    }
    status_of(&line).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The code of `HTTP/1.x CODE ...`.
pub(super) fn status_of(line: &[u8]) -> Option<u16> {
    let rest = line.strip_prefix(b"HTTP/1.")?.get(1..)?.strip_prefix(b" ")?;
    let code: u16 = std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok()?;
    let ends = matches!(rest.get(3), None | Some(b' ' | b'\r' | b'\n'));
    (ends && (100..600).contains(&code)).then_some(code)
}

/// Whether the class of `status` is among `codes` (1 = 1xx, 2 = 2xx, 4 = 3xx, 8 = 4xx, 16 = 5xx).
pub(super) fn is_expected(status: u16, codes: u8) -> bool {
    let class = status / 100;
    (1..=5).contains(&class) && codes & (1 << (class - 1)) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_from_the_first_line_only() {
        assert_eq!(status_of(b"HTTP/1.1 204 No Content\r\n"), Some(204));
        assert_eq!(status_of(b"HTTP/1.0 503\r\n"), Some(503));
        for bad in [&b"HTTP/2 200 OK"[..], b"HTTP/1.1 2000 OK", b"HTTP/1.1 99 x", b"SSH-2.0-x", b"", b"HTTP/1.1 20"] {
            assert_eq!(status_of(bad), None, "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn the_code_is_a_sum_of_classes() {
        assert!(is_expected(200, 2) && is_expected(404, 8) && is_expected(500, 31));
        assert!(!is_expected(200, 4) && !is_expected(302, 2) && !is_expected(500, 15));
    }
}
