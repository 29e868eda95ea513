//! Health checks of listeners, and the verdict on backends that their probes lead to.
//!
//! Ranges and defaults are those the platform documents. Probing itself is the data plane's business; here only results
//! come in, and those of QUIC listeners only: nothing else is probed.

mod draft;

use std::time::Duration;

pub use draft::HealthCheckDraft;

use crate::forwarding::{Probe, ProbeKind};
use crate::listener::Protocol;

/// How the backends of a listener are watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// Whether they are watched at all.
    pub enabled: bool,
    /// What is tried.
    pub check: Check,
    /// How long one probe may take, in seconds: 2 to 60, less than the interval.
    pub timeout: u8,
    /// From the start of one probe to the start of the next, in seconds: 2 to 300, at least 5 on IPv6.
    pub interval: u16,
    /// Passed probes in a row that make a backend healthy: 2 to 10.
    pub healthy_threshold: u8,
    /// Failed probes in a row that make a backend unhealthy: 2 to 10.
    pub unhealthy_threshold: u8,
    /// The port that is probed, when it is not the backend's own. TCP and UDP listeners.
    pub port: Option<u16>,
    /// Where probes come from.
    pub source: CheckSource,
}

/// What a probe tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// To connect.
    Tcp,
    /// To get an expected status.
    Http(HttpCheck),
    /// To get an echo of ICMP. UDP listeners.
    Ping,
    /// To get an expected answer to something sent. TCP and UDP listeners.
    Custom(CustomCheck),
}

/// What a probe of one's own sends and expects. Each at most 500 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomCheck {
    /// Whether the two are bytes in hexadecimal (`HEX`) or text (`TEXT`).
    pub hexadecimal: bool,
    /// What is sent.
    pub send: String,
    /// What has to come back.
    pub receive: String,
}

/// What an HTTP probe asks and expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpCheck {
    /// `HEAD` or `GET`.
    pub method: String,
    /// Absolute path.
    pub path: String,
    /// `Host` header.
    pub domain: String,
    /// Sum of accepted classes: 1 = 1xx, 2 = 2xx, 4 = 3xx, 8 = 4xx, 16 = 5xx.
    pub codes: u8,
    /// `HTTP/1.0` or `HTTP/1.1`.
    pub version: String,
}

/// Where probes come from (`SourceIpType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckSource {
    /// The load balancer's address (0).
    Vip,
    /// The platform's range 100.64.0.0/10 (1).
    SharedRange,
}

impl Check {
    /// The word for what is tried, as the API writes it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Http(_) => "HTTP",
            Self::Ping => "PING",
            Self::Custom(_) => "CUSTOM",
        }
    }
}

impl HealthCheck {
    /// The platform's defaults (SDK).
    pub fn of(protocol: Protocol) -> Self {
        let check = match protocol {
            Protocol::Udp => Check::Ping,
            Protocol::Tcp | Protocol::TcpSsl | Protocol::Quic => Check::Tcp,
        };
        Self {
            enabled: true,
            check,
            timeout: 2,
            interval: 5,
            healthy_threshold: 3,
            unhealthy_threshold: 3,
            port: None,
            source: CheckSource::Vip,
        }
    }

    /// What the data plane has to do; `None` when the check is switched off, or is of a kind that no listener that
    /// forwards has.
    pub fn probe(&self) -> Option<Probe> {
        let kind = match &self.check {
            Check::Tcp => ProbeKind::Tcp,
            Check::Http(http) => ProbeKind::Http {
                version: http.version.clone(),
                method: http.method.clone(),
                path: http.path.clone(),
                domain: Some(http.domain.clone()),
                codes: http.codes,
            },
            Check::Ping | Check::Custom(_) => return None,
        };
        self.enabled.then(|| Probe {
            kind,
            interval: Duration::from_secs(u64::from(self.interval)),
            timeout: Duration::from_secs(u64::from(self.timeout)),
        })
    }
}

/// What is known of a backend's health.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// Not enough probes yet.
    #[default]
    Unknown,
    /// It answers.
    Alive,
    /// It does not.
    Dead,
}

/// The health of one backend of one listener: the verdict, and the run of equal results that may change it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    verdict: Verdict,
    last_passed: bool,
    run: u8,
}

impl Health {
    /// A probe has ended. A verdict changes after a threshold of equal results in a row; `Unknown` goes straight to
    /// `Dead` by the same count (a choice: not stated).
    pub fn observe(&mut self, passed: bool, check: &HealthCheck) {
        let (threshold, verdict) =
            if passed { (check.healthy_threshold, Verdict::Alive) } else { (check.unhealthy_threshold, Verdict::Dead) };
        if passed == self.last_passed && verdict == self.verdict {
            return;
        }
        self.run = if passed == self.last_passed { self.run.saturating_add(1) } else { 1 };
        self.last_passed = passed;
        if self.run >= threshold {
            self.verdict = verdict;
        }
    }

    /// What is known.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }
}

/// Whether a backend with that verdict is given new connections.
///
/// With the check off every backend is. When every backend is dead all are (all-dead-means-all-alive); one that is
/// still unknown is not dead, and gets nothing (a choice: not documented).
pub fn eligible(verdict: Verdict, all_dead: bool, check: &HealthCheck) -> bool {
    !check.enabled || verdict == Verdict::Alive || all_dead
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Alive, Dead, Unknown};
    use super::{Health, HealthCheck, Verdict, eligible};
    use crate::listener::Protocol;

    #[test]
    fn a_verdict_changes_after_a_threshold_of_equal_results_in_a_row() {
        let check = HealthCheck { healthy_threshold: 2, unhealthy_threshold: 3, ..HealthCheck::of(Protocol::Quic) };
        let mut health = Health::default();
        let mut verdicts = Vec::new();
        for passed in [true, true, false, false, true, false, false, false, true, true] {
            health.observe(passed, &check);
            verdicts.push(health.verdict());
        }
        assert_eq!(verdicts, [Unknown, Alive, Alive, Alive, Alive, Alive, Alive, Dead, Dead, Alive]);
    }

    #[test]
    fn an_unknown_backend_that_never_answers_is_dead_after_the_unhealthy_threshold() {
        let check = HealthCheck::of(Protocol::Quic);
        let mut health = Health::default();
        for _ in 0..3 {
            assert_eq!(health.verdict(), Verdict::Unknown);
            health.observe(false, &check);
        }
        assert_eq!(health.verdict(), Verdict::Dead);
    }

    #[test]
    fn all_dead_means_all_alive_and_a_check_that_is_off_lets_all_through() {
        let on = HealthCheck::of(Protocol::Quic);
        assert!(eligible(Verdict::Alive, false, &on));
        assert!(!eligible(Verdict::Unknown, false, &on));
        assert!(!eligible(Verdict::Dead, false, &on));
        assert!(eligible(Verdict::Dead, true, &on));
        assert!(eligible(Verdict::Unknown, false, &HealthCheck { enabled: false, ..on }));
    }
}
