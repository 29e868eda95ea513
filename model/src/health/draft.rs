//! What a request says about a health check, and the checks that make a valid one of it.

use super::{Check, CheckSource, HealthCheck, HttpCheck};
use crate::load_balancer::IpVersion;
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;

/// The longest path of an HTTP probe (INTL).
const LONGEST_PATH: usize = 200;
/// The longest domain of an HTTP probe (INTL).
const LONGEST_DOMAIN: usize = 80;

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
    /// For TCP and UDP listeners only.
    pub check_port: Option<i64>,
    /// Whether one of the arguments of custom checks is given.
    pub custom: bool,
    /// For GRPC checks only.
    pub extended_code: Option<String>,
}

impl HealthCheckDraft {
    /// The health check that results when the draft is laid over `base` (merging is a choice: not established).
    pub fn check(&self, base: &HealthCheck, ip_version: IpVersion) -> Result<HealthCheck, Refusal> {
        self.check_inapplicable()?;
        let timeout = within(self.timeout, base.timeout, 2..=60, Rule::HealthCheckTimeoutRange, Field::CheckTimeout)?;
        let interval = self.check_interval(base, ip_version)?;
        require(u16::from(timeout) < interval, || {
            Refusal::new(Rule::HealthCheckTimeoutBelowInterval)
                .at(Field::CheckTimeout)
                .given(format_args!("{timeout}, with an interval of {interval}"))
        })?;
        Ok(HealthCheck {
            enabled: self.check_switch(base)?,
            check: self.check_kind(base)?,
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
            source: self.check_source(base, ip_version)?,
        })
    }

    /// Arguments of other listeners' checks; neutral values pass.
    fn check_inapplicable(&self) -> Result<(), Refusal> {
        if let Some(port) = self.check_port.filter(|port| *port != -1) {
            return Err(Refusal::new(Rule::HealthCheckPortNotOnQuic).at(Field::CheckPort).given(port));
        }
        require(!self.custom, || Refusal::new(Rule::HealthCheckCustomNotOnQuic).at(Field::CustomCheck))?;
        match self.extended_code.as_deref() {
            None | Some("") => Ok(()),
            Some(code) => Err(Refusal::new(Rule::HealthCheckExtendedCodeNotOnQuic).at(Field::ExtendedCode).given(code)),
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

    /// HTTP arguments beside a TCP check are ignored (a choice: not established).
    fn check_kind(&self, base: &HealthCheck) -> Result<Check, Refusal> {
        match (self.check_type.as_deref(), &base.check) {
            (Some("TCP"), _) | (None, Check::Tcp) => Ok(Check::Tcp),
            (Some("HTTP") | None, Check::Http(base)) => self.check_http(Some(base)).map(Check::Http),
            (Some("HTTP"), Check::Tcp) => self.check_http(None).map(Check::Http),
            (Some(other), _) => Err(Refusal::new(Rule::HealthCheckType).at(Field::CheckType).given(other)),
        }
    }

    fn check_http(&self, base: Option<&HttpCheck>) -> Result<HttpCheck, Refusal> {
        let text = |given: &Option<String>, of_base: fn(&HttpCheck) -> &String| {
            given.clone().or_else(|| base.map(|base| of_base(base).clone()))
        };
        let method = text(&self.http_method, |base| &base.method).unwrap_or_else(|| "HEAD".to_owned());
        require(matches!(method.as_str(), "HEAD" | "GET"), || {
            Refusal::new(Rule::HealthCheckHttpMethod).at(Field::HttpMethod).given(&method)
        })?;
        let version = text(&self.http_version, |base| &base.version).unwrap_or_else(|| "HTTP/1.1".to_owned());
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
        Ok(HttpCheck { method, path, domain, codes, version })
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
    use crate::health::{Check, CheckSource, HealthCheck, HttpCheck};
    use crate::load_balancer::IpVersion;
    use crate::rules::Rule;

    fn on_v4(draft: &HealthCheckDraft) -> Result<HealthCheck, Rule> {
        draft.check(&HealthCheck::default(), IpVersion::V4).map_err(|refusal| refusal.rule)
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
        assert_eq!(on_v4(&HealthCheckDraft::default()), Ok(HealthCheck::default()));
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
                .check(&HealthCheck::default(), IpVersion::Nat64)
                .map_err(|refusal| refusal.rule)
        };
        assert!(with(5).is_ok());
        assert_eq!(with(4), Err(Rule::HealthCheckIntervalRangeIpv6));
    }

    #[test]
    fn ipv6_accepts_only_probes_from_the_vip() {
        let with = |source, ip_version| {
            HealthCheckDraft { source: Some(source), ..HealthCheckDraft::default() }
                .check(&HealthCheck::default(), ip_version)
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
        assert_eq!(on_v4(&HealthCheckDraft { custom: true, ..base() }), Err(Rule::HealthCheckCustomNotOnQuic));
        assert_eq!(
            on_v4(&HealthCheckDraft { extended_code: Some("12".into()), ..base() }),
            Err(Rule::HealthCheckExtendedCodeNotOnQuic)
        );
    }

    #[test]
    fn a_change_is_merged_field_by_field() {
        let before = on_v4(&HealthCheckDraft { interval: Some(30), ..http() }).expect("valid");
        let after = HealthCheckDraft { timeout: Some(20), ..HealthCheckDraft::default() }
            .check(&before, IpVersion::V4)
            .expect("valid");
        assert_eq!(after, HealthCheck { timeout: 20, ..before });
    }
}
