//! Settings that only listeners of some protocols have. On the others their neutral values are ignored and all else is
//! refused (a choice: whether the platform ignores or refuses them is not established).

use super::protocol::Protocol;
use crate::forwarding::Scheduler;
use crate::load_balancer::{IpVersion, LoadBalancer};
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;

/// The longest idle time on a load balancer with an LCU specification, and on a shared one (SDK).
const LONGEST_IDLE_LCU: i64 = 1980;
const LONGEST_IDLE_SHARED: i64 = 900;

/// What only some protocols have. Nothing of it is forwarded with: no listener that forwards has any of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtocolSettings {
    /// How long a client keeps its backend, in seconds: 30 to 3600, or 0 for not at all. TCP and UDP.
    pub session_expire_time: u16,
    /// What a session is known by. UDP.
    pub session_type: SessionType,
    /// How long a connection may be silent, in seconds: 10 to 900, or to 1980 with an LCU specification. TCP and UDP; 0
    /// on the others.
    pub idle_connect_timeout: u16,
    /// Whether connections to an unbound target are reset. TCP and UDP.
    pub deregister_target_rst: bool,
    /// When connections are given another backend. TCP and UDP.
    pub reschedule: Reschedule,
    /// Whether clients are answered without TLS (`SslCloseSwitch`). TCP_SSL; no reply of the API shows it.
    pub ssl_close: bool,
}

/// What a session is known by (`SessionType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionType {
    /// The client's address (`NORMAL`).
    #[default]
    Normal,
    /// The QUIC connection id in a UDP listener's packets (`QUIC_CID`).
    QuicConnectionId,
}

/// When connections are given another backend (`Reschedule*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reschedule {
    /// When the weight of theirs becomes 0.
    pub target_zero_weight: bool,
    /// When theirs becomes unhealthy.
    pub unhealthy: bool,
    /// When there are more or fewer backends.
    pub expand_target: bool,
    /// How long after that it begins, in seconds: 0 to 3600.
    pub start_time: u16,
    /// How long it goes on, in seconds: 0 to 3600.
    pub interval: u16,
}

impl SessionType {
    /// The word for it, as the API writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::QuicConnectionId => "QUIC_CID",
        }
    }
}

/// What a request says about settings of some protocols.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the API's arguments of the same names")]
pub struct ProtocolDraft {
    pub session_expire_time: Option<i64>,
    pub session_type: Option<String>,
    pub end_port: Option<u64>,
    pub full_end_ports: Option<Vec<i64>>,
    pub target_type: Option<String>,
    pub sni_switch: Option<i64>,
    pub keepalive_enable: Option<i64>,
    pub h2c_switch: Option<bool>,
    pub ssl_close_switch: Option<bool>,
    pub data_compress_mode: Option<String>,
    pub idle_connect_timeout: Option<i64>,
    pub deregister_target_rst: Option<bool>,
    /// On a weight of 0, on failed health, on more or fewer targets.
    pub reschedule_switches: [Option<bool>; 3],
    /// Start, duration.
    pub reschedule_times: [Option<i64>; 2],
}

impl ProtocolSettings {
    /// The platform's defaults (SDK).
    pub fn of(protocol: Protocol) -> Self {
        let idle_connect_timeout = match protocol {
            Protocol::Tcp => 900,
            Protocol::Udp => 300,
            Protocol::TcpSsl | Protocol::Quic => 0,
        };
        Self { idle_connect_timeout, ..Self::default() }
    }
}

impl ProtocolDraft {
    /// The settings that result when the draft is laid over `base`; `scheduler` is the listener's after the change.
    pub(crate) fn check(
        &self,
        protocol: Protocol,
        base: &ProtocolSettings,
        scheduler: Scheduler,
        load_balancer: &LoadBalancer,
    ) -> Result<ProtocolSettings, Refusal> {
        self.check_applicable(protocol)?;
        self.check_served()?;
        // What a listener of the protocol has no use for has been found neutral, and stays as it is.
        if !protocol.passes_through() {
            let ssl_close = self.ssl_close_switch.unwrap_or(base.ssl_close);
            let session_type = self.check_session_type(protocol, base.session_type, scheduler, load_balancer)?;
            return Ok(ProtocolSettings { session_type, ssl_close, ..base.clone() });
        }
        Ok(ProtocolSettings {
            session_expire_time: seconds(
                self.session_expire_time,
                base.session_expire_time,
                |time| time == 0 || (30..=3600).contains(&time),
                Rule::SessionExpireTimeRange,
                Field::SessionExpireTime,
            )?,
            session_type: self.check_session_type(protocol, base.session_type, scheduler, load_balancer)?,
            idle_connect_timeout: self.check_idle_timeout(base.idle_connect_timeout, load_balancer)?,
            deregister_target_rst: self.deregister_target_rst.unwrap_or(base.deregister_target_rst),
            reschedule: self.check_reschedule(base.reschedule)?,
            ssl_close: base.ssl_close,
        })
    }

    /// Refuses what the protocol has no use for, unless it is neutral.
    fn check_applicable(&self, protocol: Protocol) -> Result<(), Refusal> {
        let through = protocol.passes_through();
        let [zero_weight, unhealthy, expand] = self.reschedule_switches.map(switch);
        let [start, interval] = self.reschedule_times.map(number);
        let end_port = self.end_port.filter(|port| *port != 0).map(|port| port.to_string());
        let end_ports = self.full_end_ports.as_ref().filter(|ports| ports.iter().any(|port| *port != 0));
        let arguments = [
            (through, number(self.session_expire_time), Rule::QuicNoSessionPersistence, Field::SessionExpireTime),
            (
                protocol != Protocol::Quic,
                word(self.session_type.as_ref(), "NORMAL"),
                Rule::QuicSessionTypeNormalOnly,
                Field::SessionType,
            ),
            (through, end_port, Rule::QuicNoPortRange, Field::EndPort),
            (through, end_ports.map(|ports| format!("{ports:?}")), Rule::QuicNoPortRange, Field::FullEndPorts),
            (through, word(self.target_type.as_ref(), "NODE"), Rule::QuicTargetTypeNodeOnly, Field::TargetType),
            (false, number(self.sni_switch), Rule::QuicNoSniSwitch, Field::SniSwitch),
            (false, number(self.keepalive_enable), Rule::QuicNoKeepalive, Field::KeepaliveEnable),
            (false, switch(self.h2c_switch), Rule::QuicNoH2c, Field::H2cSwitch),
            (
                protocol == Protocol::TcpSsl,
                switch(self.ssl_close_switch),
                Rule::SslCloseSwitchTcpSslOnly,
                Field::SslCloseSwitch,
            ),
            (false, word(self.data_compress_mode.as_ref(), ""), Rule::QuicNoDataCompressMode, Field::DataCompressMode),
            (through, number(self.idle_connect_timeout), Rule::QuicNoIdleConnectTimeout, Field::IdleConnectTimeout),
            (through, switch(self.deregister_target_rst), Rule::QuicNoDeregisterTargetRst, Field::DeregisterTargetRst),
            (through, zero_weight, Rule::QuicNoReschedule, Field::Reschedule),
            (through, unhealthy, Rule::QuicNoReschedule, Field::Reschedule),
            (through, expand, Rule::QuicNoReschedule, Field::Reschedule),
            (through, start, Rule::QuicNoReschedule, Field::Reschedule),
            (through, interval, Rule::QuicNoReschedule, Field::Reschedule),
        ];
        for (applies, given, of_quic, field) in arguments {
            if let (false, Some(given)) = (applies, given) {
                return Err(inapplicable(protocol, of_quic, field, given));
            }
        }
        Ok(())
    }

    /// What the platform has on TCP and UDP listeners and the simulator has not.
    fn check_served(&self) -> Result<(), Refusal> {
        let refused = |rule, field, given: &dyn std::fmt::Display| Err(Refusal::new(rule).at(field).given(given));
        match self.target_type.as_deref() {
            None | Some("NODE") => {}
            Some(groups @ ("TARGETGROUP" | "TARGETGROUP-V2")) => {
                return refused(Rule::ListenerTargetGroupServed, Field::TargetType, &groups);
            }
            Some(other) => return refused(Rule::ListenerTargetTypeEnum, Field::TargetType, &other),
        }
        if let Some(port) = self.end_port.filter(|port| *port != 0) {
            return refused(Rule::ListenerPortRangeServed, Field::EndPort, &port);
        }
        match self.full_end_ports.as_ref().filter(|ports| ports.iter().any(|port| *port != 0)) {
            Some(ports) => refused(Rule::ListenerPortRangeServed, Field::FullEndPorts, &format_args!("{ports:?}")),
            None => Ok(()),
        }
    }

    /// NAT64 is not IPv4 (a choice: not stated).
    fn check_session_type(
        &self,
        protocol: Protocol,
        base: SessionType,
        scheduler: Scheduler,
        load_balancer: &LoadBalancer,
    ) -> Result<SessionType, Refusal> {
        let refused = |rule, given: &dyn std::fmt::Display| Refusal::new(rule).at(Field::SessionType).given(given);
        let wanted = match self.session_type.as_deref() {
            None => base,
            Some("NORMAL") => SessionType::Normal,
            Some("QUIC_CID") => SessionType::QuicConnectionId,
            Some(other) => return Err(refused(Rule::SessionTypeEnum, &other)),
        };
        let possible = protocol == Protocol::Udp
            && scheduler == Scheduler::WeightedRoundRobin
            && load_balancer.ip_version == IpVersion::V4;
        require(wanted == SessionType::Normal || possible, || {
            let place = format_args!("on {protocol} and {:?}", load_balancer.ip_version).to_string();
            refused(Rule::SessionTypeQuicCidNeedsUdp, &format_args!("{} with {scheduler:?} {place}", wanted.word()))
        })?;
        Ok(wanted)
    }

    fn check_idle_timeout(&self, base: u16, load_balancer: &LoadBalancer) -> Result<u16, Refusal> {
        let longest = if load_balancer.is_lcu() { LONGEST_IDLE_LCU } else { LONGEST_IDLE_SHARED };
        let fits = |time| (10..=longest).contains(&time);
        seconds(self.idle_connect_timeout, base, fits, Rule::IdleConnectTimeoutRange, Field::IdleConnectTimeout)
    }

    fn check_reschedule(&self, base: Reschedule) -> Result<Reschedule, Refusal> {
        let [zero_weight, unhealthy, expand] = self.reschedule_switches;
        let [start, interval] = self.reschedule_times;
        let time = |given, base| {
            seconds(given, base, |time| (0..=3600).contains(&time), Rule::RescheduleTimeRange, Field::Reschedule)
        };
        Ok(Reschedule {
            target_zero_weight: zero_weight.unwrap_or(base.target_zero_weight),
            unhealthy: unhealthy.unwrap_or(base.unhealthy),
            expand_target: expand.unwrap_or(base.expand_target),
            start_time: time(start, base.start_time)?,
            interval: time(interval, base.interval)?,
        })
    }
}

/// The refusal of an argument that is for listeners of other protocols.
pub(crate) fn inapplicable(protocol: Protocol, of_quic: Rule, field: Field, given: impl std::fmt::Display) -> Refusal {
    match (protocol, of_quic) {
        (Protocol::Quic, rule) | (_, rule @ Rule::SslCloseSwitchTcpSslOnly) => {
            Refusal::new(rule).at(field).given(given)
        }
        _ => {
            let given = format_args!("{given} for a {protocol} listener").to_string();
            Refusal::new(Rule::ListenerArgumentOfOtherProtocols).at(field).given(given)
        }
    }
}

/// Seconds that fit; the base's when none are given.
fn seconds(
    given: Option<i64>,
    base: u16,
    fits: impl Fn(i64) -> bool,
    rule: Rule,
    field: Field,
) -> Result<u16, Refusal> {
    let Some(value) = given else { return Ok(base) };
    u16::try_from(value).ok().filter(|_| fits(value)).ok_or_else(|| Refusal::new(rule).at(field).given(value))
}

/// What is given, unless it is neutral.
fn number(given: Option<i64>) -> Option<String> {
    given.filter(|value| *value != 0).map(|value| value.to_string())
}

fn switch(given: Option<bool>) -> Option<String> {
    given.filter(|on| *on).map(|on| on.to_string())
}

fn word(given: Option<&String>, neutral: &str) -> Option<String> {
    given.filter(|word| *word != neutral).cloned()
}

#[cfg(test)]
mod tests {
    use super::{ProtocolDraft, ProtocolSettings};
    use crate::forwarding::Scheduler;
    use crate::listener::Protocol;
    use crate::load_balancer::{Kind, LoadBalancer, Placement};
    use crate::rules::Rule;
    use crate::time::Timestamp;

    fn check(draft: &ProtocolDraft, protocol: Protocol) -> Result<ProtocolSettings, Rule> {
        let vip = [127, 0, 0, 1].into();
        let on = LoadBalancer::fixture(
            "lb-00000000".into(),
            "it",
            Kind::Current,
            Placement::Basic,
            vip,
            Timestamp::default(),
        );
        let base = ProtocolSettings::of(protocol);
        draft.check(protocol, &base, Scheduler::WeightedRoundRobin, &on).map_err(|refusal| refusal.rule)
    }

    #[test]
    fn neutral_values_are_ignored() {
        let neutral = ProtocolDraft {
            session_expire_time: Some(0),
            session_type: Some("NORMAL".into()),
            end_port: Some(0),
            full_end_ports: Some(vec![0]),
            target_type: Some("NODE".into()),
            sni_switch: Some(0),
            keepalive_enable: Some(0),
            h2c_switch: Some(false),
            ssl_close_switch: Some(false),
            data_compress_mode: Some(String::new()),
            idle_connect_timeout: Some(0),
            deregister_target_rst: Some(false),
            reschedule_switches: [Some(false); 3],
            reschedule_times: [Some(0); 2],
        };
        for protocol in [Protocol::Quic, Protocol::TcpSsl] {
            assert_eq!(check(&neutral, protocol), Ok(ProtocolSettings::default()));
        }
        for protocol in Protocol::ALL {
            assert_eq!(check(&ProtocolDraft::default(), protocol), Ok(ProtocolSettings::of(protocol)));
        }
    }

    #[test]
    fn any_other_value_is_refused_by_its_rule() {
        let none = ProtocolDraft::default;
        let cases = [
            (ProtocolDraft { session_expire_time: Some(30), ..none() }, Rule::QuicNoSessionPersistence),
            (ProtocolDraft { session_type: Some("QUIC_CID".into()), ..none() }, Rule::QuicSessionTypeNormalOnly),
            (ProtocolDraft { end_port: Some(9000), ..none() }, Rule::QuicNoPortRange),
            (ProtocolDraft { full_end_ports: Some(vec![9000]), ..none() }, Rule::QuicNoPortRange),
            (ProtocolDraft { target_type: Some("TARGETGROUP".into()), ..none() }, Rule::QuicTargetTypeNodeOnly),
            (ProtocolDraft { sni_switch: Some(1), ..none() }, Rule::QuicNoSniSwitch),
            (ProtocolDraft { keepalive_enable: Some(1), ..none() }, Rule::QuicNoKeepalive),
            (ProtocolDraft { h2c_switch: Some(true), ..none() }, Rule::QuicNoH2c),
            (ProtocolDraft { ssl_close_switch: Some(true), ..none() }, Rule::SslCloseSwitchTcpSslOnly),
            (ProtocolDraft { data_compress_mode: Some("transparent".into()), ..none() }, Rule::QuicNoDataCompressMode),
            (ProtocolDraft { idle_connect_timeout: Some(900), ..none() }, Rule::QuicNoIdleConnectTimeout),
            (ProtocolDraft { deregister_target_rst: Some(true), ..none() }, Rule::QuicNoDeregisterTargetRst),
            (ProtocolDraft { reschedule_switches: [None, Some(true), None], ..none() }, Rule::QuicNoReschedule),
            (ProtocolDraft { reschedule_times: [None, Some(60)], ..none() }, Rule::QuicNoReschedule),
        ];
        for (given, rule) in cases {
            assert_eq!(check(&given, Protocol::Quic), Err(rule));
            // The same on TCP_SSL, but for what it has.
            let of_tcp_ssl = match rule {
                Rule::SslCloseSwitchTcpSslOnly => Ok(ProtocolSettings { ssl_close: true, ..Default::default() }),
                Rule::QuicSessionTypeNormalOnly => Err(Rule::SessionTypeQuicCidNeedsUdp),
                _ => Err(Rule::ListenerArgumentOfOtherProtocols),
            };
            assert_eq!(check(&given, Protocol::TcpSsl), of_tcp_ssl);
        }
    }

    #[test]
    fn switches_of_layer_7_and_of_tls_are_not_for_tcp_and_udp() {
        let none = ProtocolDraft::default;
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            for given in [
                ProtocolDraft { sni_switch: Some(1), ..none() },
                ProtocolDraft { keepalive_enable: Some(1), ..none() },
                ProtocolDraft { h2c_switch: Some(true), ..none() },
                ProtocolDraft { data_compress_mode: Some("transparent".into()), ..none() },
            ] {
                assert_eq!(check(&given, protocol), Err(Rule::ListenerArgumentOfOtherProtocols));
            }
            let plain = ProtocolDraft { ssl_close_switch: Some(true), ..none() };
            assert_eq!(check(&plain, protocol), Err(Rule::SslCloseSwitchTcpSslOnly));
        }
    }

    #[test]
    fn port_ranges_and_target_groups_are_not_served() {
        let none = ProtocolDraft::default;
        for (given, rule) in [
            (ProtocolDraft { end_port: Some(9000), ..none() }, Rule::ListenerPortRangeServed),
            (ProtocolDraft { full_end_ports: Some(vec![9000]), ..none() }, Rule::ListenerPortRangeServed),
            (ProtocolDraft { target_type: Some("TARGETGROUP".into()), ..none() }, Rule::ListenerTargetGroupServed),
            (ProtocolDraft { target_type: Some("node".into()), ..none() }, Rule::ListenerTargetTypeEnum),
        ] {
            assert_eq!(check(&given, Protocol::Tcp), Err(rule));
        }
    }

    #[test]
    fn times_have_their_ranges() {
        let sticky = |time| ProtocolDraft { session_expire_time: Some(time), ..ProtocolDraft::default() };
        let idle = |time| ProtocolDraft { idle_connect_timeout: Some(time), ..ProtocolDraft::default() };
        let move_ = |time| ProtocolDraft { reschedule_times: [Some(time), None], ..ProtocolDraft::default() };
        for time in [0, 30, 3600] {
            assert_eq!(check(&sticky(time), Protocol::Udp).map(|it| i64::from(it.session_expire_time)), Ok(time));
        }
        for time in [-1, 1, 29, 3601] {
            assert_eq!(check(&sticky(time), Protocol::Tcp), Err(Rule::SessionExpireTimeRange));
        }
        for (time, fits) in [(9, false), (10, true), (900, true), (901, false), (0, false)] {
            let expected = if fits { Ok(time) } else { Err(Rule::IdleConnectTimeoutRange) };
            assert_eq!(check(&idle(time), Protocol::Tcp).map(|it| i64::from(it.idle_connect_timeout)), expected);
        }
        for (time, fits) in [(-1, false), (0, true), (3600, true), (3601, false)] {
            let expected = if fits { Ok(time) } else { Err(Rule::RescheduleTimeRange) };
            assert_eq!(check(&move_(time), Protocol::Udp).map(|it| i64::from(it.reschedule.start_time)), expected);
        }
        assert_eq!(ProtocolSettings::of(Protocol::Tcp).idle_connect_timeout, 900);
        assert_eq!(ProtocolSettings::of(Protocol::Udp).idle_connect_timeout, 300);
    }

    #[test]
    fn sessions_by_connection_id_are_for_udp() {
        let by_id = ProtocolDraft { session_type: Some("QUIC_CID".into()), ..ProtocolDraft::default() };
        assert!(check(&by_id, Protocol::Udp).is_ok());
        assert_eq!(check(&by_id, Protocol::Tcp), Err(Rule::SessionTypeQuicCidNeedsUdp));
        let other = ProtocolDraft { session_type: Some("COOKIE".into()), ..ProtocolDraft::default() };
        assert_eq!(check(&other, Protocol::Udp), Err(Rule::SessionTypeEnum));
    }
}
