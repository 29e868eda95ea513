//! What a request says about a health check, and the checks that make a valid one of it.

use super::{Check, CheckSource, CustomCheck, HealthCheck, HttpCheck};
use crate::listener::{Protocol, inapplicable};
use crate::load_balancer::IpVersion;
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;

/// The longest path of an HTTP probe (INTL).
const LONGEST_PATH: usize = 200;
/// The longest domain of an HTTP probe (INTL).
const LONGEST_DOMAIN: usize = 80;
/// The longest text of a probe of one's own, either way (SDK).
const LONGEST_CONTEXT: usize = 500;

/// What a request says about a health check; what is absent keeps its value, or its default in a new listener.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields of `HealthCheck` and `HttpCheck`, unchecked")]
pub struct HealthCheckDraft {
    pub switch: Option<i64>,
    pub check_type: Option<String>,
    pub timeout: Option<i64>,
    pub interval: Option<i64>,
    pub healthy_threshold: Option<i64>,
    pub unhealthy_threshold: Option<i64>,
    pub http_codes: Option<i64>,
    pub http_method: Option<String>,
    pub http_path: Option<String>,
    pub http_domain: Option<String>,
    pub http_version: Option<String>,
    pub source: Option<i64>,
    /// For TCP and UDP listeners only; -1 is the backend's own port again.
    pub check_port: Option<i64>,
    /// `HEX` or `TEXT`. This and the next two are for custom checks.
    pub context_type: Option<String>,
    pub send_context: Option<String>,
    pub receive_context: Option<String>,
    /// For GRPC checks only.
    pub extended_code: Option<String>,
}

impl HealthCheckDraft {
    /// The health check that results when the draft is laid over `base` (merging is a choice: not established).
    pub fn check(&self, protocol: Protocol, base: &HealthCheck, ip_version: IpVersion) -> Result<HealthCheck, Refusal> {
        self.check_applicable(protocol)?;
        let timeout = within(self.timeout, base.timeout, 2..=60, Rule::HealthCheckTimeoutRange, Field::CheckTimeout)?;
        let interval = self.check_interval(base, ip_version)?;
        require(u16::from(timeout) < interval, || {
            Refusal::new(Rule::HealthCheckTimeoutBelowInterval)
                .at(Field::CheckTimeout)
                .given(format_args!("{timeout}, with an interval of {interval}"))
        })?;
        Ok(HealthCheck {
            enabled: self.check_switch(base)?,
            check: self.check_kind(protocol, &base.check)?,
            timeout,
            interval,
            healthy_threshold: within(
                self.healthy_threshold,
                base.healthy_threshold,
                2..=10,
                Rule::HealthCheckHealthyThreshold,
                Field::HealthyThreshold,
            )?,
            unhealthy_threshold: within(
                self.unhealthy_threshold,
                base.unhealthy_threshold,
                2..=10,
                Rule::HealthCheckUnhealthyThreshold,
                Field::UnhealthyThreshold,
            )?,
            port: self.check_port(base)?,
            source: self.check_source(base, ip_version)?,
        })
    }

    /// Refuses arguments of other listeners' checks, unless they are neutral.
    fn check_applicable(&self, protocol: Protocol) -> Result<(), Refusal> {
        let through = protocol.passes_through();
        let port = self.check_port.filter(|port| *port != -1 && !through);
        if let Some(port) = port {
            return Err(inapplicable(protocol, Rule::HealthCheckPortNotOnQuic, Field::CheckPort, port));
        }
        let context = [&self.context_type, &self.send_context, &self.receive_context];
        if let Some(text) = context.into_iter().flatten().next().filter(|_| !through) {
            return Err(inapplicable(protocol, Rule::HealthCheckCustomNotOnQuic, Field::CustomCheck, text));
        }
        match self.extended_code.as_deref() {
            None | Some("") => Ok(()),
            Some(code) => {
                Err(inapplicable(protocol, Rule::HealthCheckExtendedCodeNotOnQuic, Field::ExtendedCode, code))
            }
        }
    }

    fn check_port(&self, base: &HealthCheck) -> Result<Option<u16>, Refusal> {
        match self.check_port {
            None => Ok(base.port),
            Some(-1) => Ok(None),
            Some(given) => match u16::try_from(given) {
                Ok(port) if port > 0 => Ok(Some(port)),
                _ => Err(Refusal::new(Rule::HealthCheckPortRange).at(Field::CheckPort).given(given)),
            },
        }
    }

    fn check_switch(&self, base: &HealthCheck) -> Result<bool, Refusal> {
        match self.switch {
            None => Ok(base.enabled),
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            Some(other) => Err(Refusal::new(Rule::HealthCheckSwitch).at(Field::HealthSwitch).given(other)),
        }
    }

    /// NAT64 counts as IPv6 (a choice: not stated).
    fn check_interval(&self, base: &HealthCheck, ip_version: IpVersion) -> Result<u16, Refusal> {
        let (range, rule) = match ip_version {
            IpVersion::V4 => (2..=300, Rule::HealthCheckIntervalRangeIpv4),
            IpVersion::Nat64 | IpVersion::V6FullChain => (5..=300, Rule::HealthCheckIntervalRangeIpv6),
        };
        within(self.interval, base.interval, range, rule, Field::CheckInterval)
    }

    fn check_source(&self, base: &HealthCheck, ip_version: IpVersion) -> Result<CheckSource, Refusal> {
        let at = |rule, given| Err(Refusal::new(rule).at(Field::CheckSource).given(given));
        match (self.source, ip_version) {
            (None, _) => Ok(base.source),
            (Some(0), _) => Ok(CheckSource::Vip),
            (Some(1), IpVersion::V4) => Ok(CheckSource::SharedRange),
            (Some(1), _) => at(Rule::HealthCheckSourceIpTypeIpv6, 1),
            (Some(other), _) => at(Rule::HealthCheckSourceIpType, other),
        }
    }

    /// Arguments of other kinds of checks are ignored (a choice: not established).
    fn check_kind(&self, protocol: Protocol, base: &Check) -> Result<Check, Refusal> {
        let word = self.check_type.as_deref().unwrap_or(base.word());
        match (word, protocol) {
            ("TCP", Protocol::Tcp | Protocol::TcpSsl | Protocol::Quic) => Ok(Check::Tcp),
            ("HTTP", Protocol::Tcp | Protocol::TcpSsl | Protocol::Quic) => self.check_http(protocol, base),
            ("PING", Protocol::Udp) => Ok(Check::Ping),
            ("CUSTOM", Protocol::Tcp | Protocol::Udp) => self.check_custom(base),
            (other, Protocol::Quic) => Err(Refusal::new(Rule::HealthCheckType).at(Field::CheckType).given(other)),
            (other, _) => {
                let given = format_args!("{other} for a {protocol} listener").to_string();
                Err(Refusal::new(Rule::HealthCheckTypeOfProtocol).at(Field::CheckType).given(given))
            }
        }
    }

    /// The platform wants all three of them (SDK), and digits in pairs.
    fn check_custom(&self, base: &Check) -> Result<Check, Refusal> {
        let base = match base {
            Check::Custom(custom) => Some(custom),
            Check::Tcp | Check::Http(_) | Check::Ping => None,
        };
        let missing = || Refusal::new(Rule::HealthCheckCustomComplete).at(Field::CustomCheck);
        let hexadecimal = match self.context_type.as_deref() {
            None => base.map(|base| base.hexadecimal).ok_or_else(missing)?,
            Some("HEX") => true,
            Some("TEXT") => false,
            Some(other) => {
                return Err(Refusal::new(Rule::HealthCheckContextType).at(Field::CustomCheck).given(other));
            }
        };
        let text = |given: &Option<String>, of_base: fn(&CustomCheck) -> &String| {
            let text = given.clone().or_else(|| base.map(|base| of_base(base).clone())).ok_or_else(missing)?;
            check_context(&text, hexadecimal).map(|()| text)
        };
        let send = text(&self.send_context, |base| &base.send)?;
        let receive = text(&self.receive_context, |base| &base.receive)?;
        Ok(Check::Custom(CustomCheck { hexadecimal, send, receive }))
    }

    fn check_http(&self, protocol: Protocol, base: &Check) -> Result<Check, Refusal> {
        let base = match base {
            Check::Http(http) => Some(http),
            Check::Tcp | Check::Ping | Check::Custom(_) => None,
        };
        let text = |given: &Option<String>, of_base: fn(&HttpCheck) -> &String| {
            given.clone().or_else(|| base.map(|base| of_base(base).clone()))
        };
        let method = text(&self.http_method, |base| &base.method).unwrap_or_else(|| "HEAD".to_owned());
        require(matches!(method.as_str(), "HEAD" | "GET"), || {
            Refusal::new(Rule::HealthCheckHttpMethod).at(Field::HttpMethod).given(&method)
        })?;
        let version = match (text(&self.http_version, |base| &base.version), protocol) {
            (Some(version), _) => version,
            (None, Protocol::Tcp) => {
                return Err(Refusal::new(Rule::HealthCheckHttpVersionOnTcp).at(Field::HttpVersion));
            }
            (None, _) => "HTTP/1.1".to_owned(),
        };
        require(matches!(version.as_str(), "HTTP/1.0" | "HTTP/1.1"), || {
            Refusal::new(Rule::HealthCheckHttpVersion).at(Field::HttpVersion).given(&version)
        })?;
        let path = text(&self.http_path, |base| &base.path).unwrap_or_else(|| "/".to_owned());
        check_path(&path)?;
        let domain = text(&self.http_domain, |base| &base.domain)
            .ok_or_else(|| Refusal::new(Rule::HealthCheckHttpDomainRequired).at(Field::HttpDomain))?;
        check_domain(&domain)?;
        let codes = within(
            self.http_codes,
            base.map_or(31, |base| base.codes),
            1..=31,
            Rule::HealthCheckHttpCode,
            Field::HttpCodes,
        )?;
        Ok(Check::Http(HttpCheck { method, path, domain, codes, version }))
    }
}

/// The given number when it lies in the range; the base's when none is given.
fn within<T: TryFrom<i64> + Into<i64> + Copy>(
    given: Option<i64>,
    base: T,
    range: std::ops::RangeInclusive<i64>,
    rule: Rule,
    field: Field,
) -> Result<T, Refusal> {
    let value = given.unwrap_or_else(|| base.into());
    T::try_from(value).ok().filter(|_| range.contains(&value)).ok_or_else(|| Refusal::new(rule).at(field).given(value))
}

fn check_context(text: &str, hexadecimal: bool) -> Result<(), Refusal> {
    let refused = |rule| Refusal::new(rule).at(Field::CustomCheck);
    require(text.chars().count() <= LONGEST_CONTEXT, || {
        refused(Rule::HealthCheckContextLength).given(format_args!("{} characters", text.chars().count()))
    })?;
    let digits = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    let fits = if hexadecimal {
        text.bytes().all(digits) && text.len().is_multiple_of(2)
    } else {
        text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
    };
    require(fits, || refused(Rule::HealthCheckContextCharacters).given(format_args!("{text:?}")))
}

fn check_path(path: &str) -> Result<(), Refusal> {
    require((1..=LONGEST_PATH).contains(&path.chars().count()), || {
        Refusal::new(Rule::HealthCheckHttpPathLength)
            .at(Field::HttpPath)
            .given(format_args!("{} characters", path.chars().count()))
    })?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/=?".contains(&byte);
    require(path.starts_with('/') && path.bytes().all(fits), || {
        Refusal::new(Rule::HealthCheckHttpPathCharacters).at(Field::HttpPath).given(format_args!("{path:?}"))
    })
}

fn check_domain(domain: &str) -> Result<(), Refusal> {
    require((1..=LONGEST_DOMAIN).contains(&domain.chars().count()), || {
        Refusal::new(Rule::HealthCheckHttpDomainLength)
            .at(Field::HttpDomain)
            .given(format_args!("{} characters", domain.chars().count()))
    })?;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    require(domain.bytes().all(fits), || {
        Refusal::new(Rule::HealthCheckHttpDomainCharacters).at(Field::HttpDomain).given(format_args!("{domain:?}"))
    })
}

#[cfg(test)]
mod tests {
    use super::HealthCheckDraft;
    use crate::health::CustomCheck;
    use crate::health::{Check, CheckSource, HealthCheck, HttpCheck};
    use crate::listener::Protocol;
    use crate::load_balancer::IpVersion;
    use crate::rules::Rule;

    const QUIC: Protocol = Protocol::Quic;

    fn on_v4(draft: &HealthCheckDraft) -> Result<HealthCheck, Rule> {
        of(draft, QUIC)
    }

    fn of(draft: &HealthCheckDraft, protocol: Protocol) -> Result<HealthCheck, Rule> {
        draft.check(protocol, &HealthCheck::of(protocol), IpVersion::V4).map_err(|refusal| refusal.rule)
    }

    fn http() -> HealthCheckDraft {
        HealthCheckDraft {
            check_type: Some("HTTP".into()),
            http_domain: Some("example.com".into()),
            ..HealthCheckDraft::default()
        }
    }

    #[test]
    fn an_empty_draft_gives_the_documented_defaults() {
        assert_eq!(on_v4(&HealthCheckDraft::default()), Ok(HealthCheck::of(QUIC)));
    }

    #[test]
    fn numbers_are_bounded_at_both_ends() {
        type Set = fn(&mut HealthCheckDraft, i64);
        let cases: [(Set, i64, i64, Rule); 4] = [
            (|draft, value| draft.interval = Some(value), 3, 300, Rule::HealthCheckIntervalRangeIpv4),
            (|draft, value| draft.healthy_threshold = Some(value), 2, 10, Rule::HealthCheckHealthyThreshold),
            (|draft, value| draft.unhealthy_threshold = Some(value), 2, 10, Rule::HealthCheckUnhealthyThreshold),
            (
                |draft, value| (draft.timeout, draft.interval) = (Some(value), Some(300)),
                2,
                60,
                Rule::HealthCheckTimeoutRange,
            ),
        ];
        for (set, lowest, highest, rule) in cases {
            let with = |value| {
                let mut draft = HealthCheckDraft::default();
                set(&mut draft, value);
                on_v4(&draft)
            };
            assert!(with(lowest).is_ok(), "{rule} at {lowest}");
            assert!(with(highest).is_ok(), "{rule} at {highest}");
            assert_eq!(with(highest + 1), Err(rule));
            assert_eq!(with(1), Err(rule));
            assert_eq!(with(-1), Err(rule));
            assert_eq!(with(i64::MAX), Err(rule));
        }
    }

    #[test]
    fn the_timeout_is_below_the_interval() {
        let with = |timeout, interval| {
            on_v4(&HealthCheckDraft { timeout: Some(timeout), interval: Some(interval), ..HealthCheckDraft::default() })
        };
        assert!(with(9, 10).is_ok());
        assert_eq!(with(10, 10), Err(Rule::HealthCheckTimeoutBelowInterval));
        assert_eq!(with(2, 2), Err(Rule::HealthCheckTimeoutBelowInterval));
    }

    #[test]
    fn the_interval_is_at_least_five_seconds_on_ipv6() {
        let with = |interval| {
            HealthCheckDraft { interval: Some(interval), ..HealthCheckDraft::default() }
                .check(QUIC, &HealthCheck::of(QUIC), IpVersion::Nat64)
                .map_err(|refusal| refusal.rule)
        };
        assert!(with(5).is_ok());
        assert_eq!(with(4), Err(Rule::HealthCheckIntervalRangeIpv6));
    }

    #[test]
    fn ipv6_accepts_only_probes_from_the_vip() {
        let with = |source, ip_version| {
            HealthCheckDraft { source: Some(source), ..HealthCheckDraft::default() }
                .check(QUIC, &HealthCheck::of(QUIC), ip_version)
                .map(|check| check.source)
                .map_err(|refusal| refusal.rule)
        };
        assert_eq!(with(1, IpVersion::V4), Ok(CheckSource::SharedRange));
        assert_eq!(with(1, IpVersion::Nat64), Err(Rule::HealthCheckSourceIpTypeIpv6));
        assert_eq!(with(2, IpVersion::V4), Err(Rule::HealthCheckSourceIpType));
    }

    #[test]
    fn switch_and_type_are_enumerations() {
        let switch = |switch| on_v4(&HealthCheckDraft { switch: Some(switch), ..HealthCheckDraft::default() });
        assert!(switch(0).is_ok_and(|check| !check.enabled));
        assert_eq!(switch(2), Err(Rule::HealthCheckSwitch));
        let kind = |kind: &str| on_v4(&HealthCheckDraft { check_type: Some(kind.into()), ..http() });
        assert!(kind("TCP").is_ok_and(|check| check.check == Check::Tcp));
        assert!(kind("HTTP").is_ok());
        for refused in ["HTTPS", "GRPC", "PING", "CUSTOM", "tcp", ""] {
            assert_eq!(kind(refused), Err(Rule::HealthCheckType));
        }
    }

    #[test]
    fn an_http_check_needs_a_domain_and_takes_defaults_for_the_rest() {
        let check = on_v4(&http()).expect("a domain is enough");
        assert_eq!(
            check.check,
            Check::Http(HttpCheck {
                method: "HEAD".into(),
                path: "/".into(),
                domain: "example.com".into(),
                codes: 31,
                version: "HTTP/1.1".into(),
            })
        );
        assert_eq!(on_v4(&HealthCheckDraft { http_domain: None, ..http() }), Err(Rule::HealthCheckHttpDomainRequired));
    }

    #[test]
    fn http_arguments_obey_their_rules() {
        let cases = [
            (HealthCheckDraft { http_codes: Some(0), ..http() }, Rule::HealthCheckHttpCode),
            (HealthCheckDraft { http_codes: Some(32), ..http() }, Rule::HealthCheckHttpCode),
            (HealthCheckDraft { http_method: Some("POST".into()), ..http() }, Rule::HealthCheckHttpMethod),
            (HealthCheckDraft { http_version: Some("HTTP/2".into()), ..http() }, Rule::HealthCheckHttpVersion),
            (HealthCheckDraft { http_path: Some("status".into()), ..http() }, Rule::HealthCheckHttpPathCharacters),
            (HealthCheckDraft { http_path: Some("/a b".into()), ..http() }, Rule::HealthCheckHttpPathCharacters),
            (
                HealthCheckDraft { http_path: Some(format!("/{}", "a".repeat(200))), ..http() },
                Rule::HealthCheckHttpPathLength,
            ),
            (
                HealthCheckDraft { http_domain: Some("Example.com".into()), ..http() },
                Rule::HealthCheckHttpDomainCharacters,
            ),
            (HealthCheckDraft { http_domain: Some("a".repeat(81)), ..http() }, Rule::HealthCheckHttpDomainLength),
        ];
        for (draft, rule) in cases {
            assert_eq!(on_v4(&draft), Err(rule));
        }
        let neighbours = HealthCheckDraft {
            http_codes: Some(1),
            http_method: Some("GET".into()),
            http_version: Some("HTTP/1.0".into()),
            http_path: Some(format!("/{}", "a".repeat(199))),
            http_domain: Some("a".repeat(80)),
            ..http()
        };
        assert!(on_v4(&neighbours).is_ok());
    }

    #[test]
    fn arguments_of_other_checks_are_refused_and_their_neutral_values_ignored() {
        let base = HealthCheckDraft::default;
        assert_eq!(on_v4(&HealthCheckDraft { check_port: Some(80), ..base() }), Err(Rule::HealthCheckPortNotOnQuic));
        assert!(on_v4(&HealthCheckDraft { check_port: Some(-1), ..base() }).is_ok());
        let custom = [
            HealthCheckDraft { context_type: Some("TEXT".into()), ..base() },
            HealthCheckDraft { send_context: Some("a".into()), ..base() },
            HealthCheckDraft { receive_context: Some("b".into()), ..base() },
        ];
        for draft in &custom {
            assert_eq!(on_v4(draft), Err(Rule::HealthCheckCustomNotOnQuic));
            assert_eq!(of(draft, Protocol::TcpSsl), Err(Rule::ListenerArgumentOfOtherProtocols));
            // Beside another kind of check they are ignored where they could be used.
            assert_eq!(of(draft, Protocol::Tcp), Ok(HealthCheck::of(Protocol::Tcp)));
        }
        let port = HealthCheckDraft { check_port: Some(80), ..base() };
        assert_eq!(of(&port, Protocol::TcpSsl), Err(Rule::ListenerArgumentOfOtherProtocols));
        assert_eq!(
            on_v4(&HealthCheckDraft { extended_code: Some("12".into()), ..base() }),
            Err(Rule::HealthCheckExtendedCodeNotOnQuic)
        );
    }

    #[test]
    fn each_protocol_has_its_kinds_of_checks() {
        let custom = HealthCheckDraft {
            context_type: Some("TEXT".into()),
            send_context: Some("ping".into()),
            receive_context: Some("pong".into()),
            http_version: Some("HTTP/1.1".into()),
            ..http()
        };
        let kinds = |protocol| {
            ["TCP", "HTTP", "PING", "CUSTOM", "GRPC"].map(|kind| {
                let draft = match (kind, protocol) {
                    ("CUSTOM", Protocol::Tcp | Protocol::Udp) => custom.clone(),
                    _ => HealthCheckDraft { http_version: Some("HTTP/1.1".into()), ..http() },
                };
                of(&HealthCheckDraft { check_type: Some(kind.into()), ..draft }, protocol).is_ok()
            })
        };
        assert_eq!(kinds(Protocol::Tcp), [true, true, false, true, false]);
        assert_eq!(kinds(Protocol::Udp), [false, false, true, true, false]);
        assert_eq!(kinds(Protocol::TcpSsl), [true, true, false, false, false]);
        let ping = HealthCheckDraft { check_type: Some("PING".into()), ..HealthCheckDraft::default() };
        assert_eq!(of(&ping, Protocol::Tcp), Err(Rule::HealthCheckTypeOfProtocol));
        assert_eq!(HealthCheck::of(Protocol::Udp).check, Check::Ping);
    }

    #[test]
    fn an_http_check_of_a_tcp_listener_names_its_version() {
        assert_eq!(of(&http(), Protocol::Tcp), Err(Rule::HealthCheckHttpVersionOnTcp));
        let named = HealthCheckDraft { http_version: Some("HTTP/1.0".into()), ..http() };
        assert!(of(&named, Protocol::Tcp).is_ok());
        assert!(of(&http(), Protocol::TcpSsl).is_ok());
    }

    #[test]
    fn a_probed_port_is_a_port() {
        let port =
            |port| of(&HealthCheckDraft { check_port: Some(port), ..HealthCheckDraft::default() }, Protocol::Udp);
        assert!(port(53).is_ok_and(|check| check.port == Some(53)));
        for wrong in [0, -2, 65536] {
            assert_eq!(port(wrong), Err(Rule::HealthCheckPortRange));
        }
        let before = port(53).expect("valid");
        let back = HealthCheckDraft { check_port: Some(-1), ..HealthCheckDraft::default() };
        assert!(back.check(Protocol::Udp, &before, IpVersion::V4).is_ok_and(|check| check.port.is_none()));
    }

    #[test]
    fn a_custom_check_says_what_is_sent_and_what_comes_back() {
        let custom = |kind: &str, send: &str| HealthCheckDraft {
            check_type: Some("CUSTOM".into()),
            context_type: Some(kind.into()),
            send_context: Some(send.into()),
            receive_context: Some("FF".into()),
            ..HealthCheckDraft::default()
        };
        let check = |draft: &HealthCheckDraft| of(draft, Protocol::Udp);
        let valid = Check::Custom(CustomCheck { hexadecimal: true, send: "0AFF".into(), receive: "FF".into() });
        assert_eq!(check(&custom("HEX", "0AFF")).map(|it| it.check), Ok(valid));
        assert!(check(&custom("TEXT", "hello, world")).is_ok());
        assert!(check(&custom("TEXT", &"a".repeat(500))).is_ok());
        assert_eq!(check(&custom("TEXT", &"a".repeat(501))), Err(Rule::HealthCheckContextLength));
        for (kind, wrong) in [("HEX", "0af0"), ("HEX", "ABC"), ("TEXT", "grüße"), ("TEXT", "a\n")] {
            assert_eq!(check(&custom(kind, wrong)), Err(Rule::HealthCheckContextCharacters));
        }
        assert_eq!(check(&custom("BASE64", "FF")), Err(Rule::HealthCheckContextType));
        for incomplete in [
            HealthCheckDraft { context_type: None, ..custom("HEX", "FF") },
            HealthCheckDraft { send_context: None, ..custom("HEX", "FF") },
            HealthCheckDraft { receive_context: None, ..custom("HEX", "FF") },
        ] {
            assert_eq!(check(&incomplete), Err(Rule::HealthCheckCustomComplete));
        }
    }

    #[test]
    fn a_change_is_merged_field_by_field() {
        let before = on_v4(&HealthCheckDraft { interval: Some(30), ..http() }).expect("valid");
        let after = HealthCheckDraft { timeout: Some(20), ..HealthCheckDraft::default() }
            .check(QUIC, &before, IpVersion::V4)
            .expect("valid");
        assert_eq!(after, HealthCheck { timeout: 20, ..before });
    }
}
