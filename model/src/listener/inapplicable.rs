//! Arguments of other listeners' features. On a QUIC listener their neutral values are ignored and all others refused
//! (a choice: whether the platform ignores or refuses them is not established).

use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;

/// What a request says that a QUIC listener has no use for.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the API's arguments of the same names")]
pub struct Inapplicable {
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
    pub reschedule_switches: [Option<bool>; 3],
    pub reschedule_times: [Option<i64>; 2],
}

impl Inapplicable {
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let number = |given: Option<i64>, rule, field| match given {
            None | Some(0) => Ok(()),
            Some(other) => Err(Refusal::new(rule).at(field).given(other)),
        };
        let switch = |given: Option<bool>, rule, field| {
            require(given != Some(true), || Refusal::new(rule).at(field).given(true))
        };
        let word = |given: &Option<String>, neutral: &str, rule, field| match given.as_deref() {
            None => Ok(()),
            Some(word) if word == neutral => Ok(()),
            Some(other) => Err(Refusal::new(rule).at(field).given(other)),
        };
        number(self.session_expire_time, Rule::QuicNoSessionPersistence, Field::SessionExpireTime)?;
        word(&self.session_type, "NORMAL", Rule::QuicSessionTypeNormalOnly, Field::SessionType)?;
        match self.end_port {
            None | Some(0) => {}
            Some(other) => return Err(Refusal::new(Rule::QuicNoPortRange).at(Field::EndPort).given(other)),
        }
        let ends = self.full_end_ports.as_deref().unwrap_or_default();
        require(ends.iter().all(|port| *port == 0), || {
            Refusal::new(Rule::QuicNoPortRange).at(Field::FullEndPorts).given(format_args!("{ends:?}"))
        })?;
        word(&self.target_type, "NODE", Rule::QuicTargetTypeNodeOnly, Field::TargetType)?;
        number(self.sni_switch, Rule::QuicNoSniSwitch, Field::SniSwitch)?;
        number(self.keepalive_enable, Rule::QuicNoKeepalive, Field::KeepaliveEnable)?;
        switch(self.h2c_switch, Rule::QuicNoH2c, Field::H2cSwitch)?;
        switch(self.ssl_close_switch, Rule::SslCloseSwitchTcpSslOnly, Field::SslCloseSwitch)?;
        word(&self.data_compress_mode, "", Rule::QuicNoDataCompressMode, Field::DataCompressMode)?;
        number(self.idle_connect_timeout, Rule::QuicNoIdleConnectTimeout, Field::IdleConnectTimeout)?;
        switch(self.deregister_target_rst, Rule::QuicNoDeregisterTargetRst, Field::DeregisterTargetRst)?;
        for given in self.reschedule_switches {
            switch(given, Rule::QuicNoReschedule, Field::Reschedule)?;
        }
        for given in self.reschedule_times {
            number(given, Rule::QuicNoReschedule, Field::Reschedule)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Inapplicable;
    use crate::rules::Rule;

    #[test]
    fn neutral_values_are_ignored() {
        let neutral = Inapplicable {
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
        assert_eq!(neutral.check(), Ok(()));
        assert_eq!(Inapplicable::default().check(), Ok(()));
    }

    #[test]
    fn any_other_value_is_refused_by_its_rule() {
        let none = Inapplicable::default;
        let cases = [
            (Inapplicable { session_expire_time: Some(30), ..none() }, Rule::QuicNoSessionPersistence),
            (Inapplicable { session_type: Some("QUIC_CID".into()), ..none() }, Rule::QuicSessionTypeNormalOnly),
            (Inapplicable { end_port: Some(9000), ..none() }, Rule::QuicNoPortRange),
            (Inapplicable { full_end_ports: Some(vec![9000]), ..none() }, Rule::QuicNoPortRange),
            (Inapplicable { target_type: Some("TARGETGROUP".into()), ..none() }, Rule::QuicTargetTypeNodeOnly),
            (Inapplicable { sni_switch: Some(1), ..none() }, Rule::QuicNoSniSwitch),
            (Inapplicable { keepalive_enable: Some(1), ..none() }, Rule::QuicNoKeepalive),
            (Inapplicable { h2c_switch: Some(true), ..none() }, Rule::QuicNoH2c),
            (Inapplicable { ssl_close_switch: Some(true), ..none() }, Rule::SslCloseSwitchTcpSslOnly),
            (Inapplicable { data_compress_mode: Some("transparent".into()), ..none() }, Rule::QuicNoDataCompressMode),
            (Inapplicable { idle_connect_timeout: Some(900), ..none() }, Rule::QuicNoIdleConnectTimeout),
            (Inapplicable { deregister_target_rst: Some(true), ..none() }, Rule::QuicNoDeregisterTargetRst),
            (Inapplicable { reschedule_switches: [None, Some(true), None], ..none() }, Rule::QuicNoReschedule),
            (Inapplicable { reschedule_times: [None, Some(60)], ..none() }, Rule::QuicNoReschedule),
        ];
        for (given, rule) in cases {
            assert_eq!(given.check().map_err(|refusal| refusal.rule), Err(rule));
        }
    }
}
