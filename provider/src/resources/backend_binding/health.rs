//! Which backends do not pass the health checks of their listener. Pure: no calls.

use std::collections::BTreeSet;

use clb_cloud_api::clb;

use super::Backend;
use super::reconcile::is_same;

/// What the platform says of a backend that passes, and of one that nobody checks.
const HEALTHY: [&str; 2] = ["Alive", "Close"];

/// The backends that are to get connections and are not healthy, each as `NAME:PORT (WHAT THE PLATFORM SAYS)`. One of which nothing
/// is said has not been looked at yet.
pub(super) fn unhealthy(
    wanted: &BTreeSet<Backend>,
    bound: &[clb::Backend],
    listener_id: &str,
    seen: &[clb::ListenerHealth],
) -> Vec<String> {
    let here = seen.iter().filter(|listener| listener.listener_id == listener_id);
    let verdicts: Vec<&clb::TargetHealth> = here.flat_map(|it| &it.rules).flat_map(|rule| &rule.targets).collect();
    let said_of = |backend: &Backend| {
        let found = bound.iter().find(|found| is_same(backend, found))?;
        let verdict =
            verdicts.iter().find(|it| it.port == found.port && found.private_ip_addresses.contains(&it.ip))?;
        Some(verdict.health_status_detail.as_str())
    };
    let with_weight = wanted.iter().filter(|backend| backend.weight > 0);
    let unhealthy = with_weight.filter_map(|backend| {
        let said = said_of(backend).unwrap_or("Unknown");
        let name = backend.instance_id.as_ref().or(backend.eni_ip.as_ref()).map(String::as_str).unwrap_or_default();
        (!HEALTHY.contains(&said)).then(|| format!("{name}:{} ({said})", backend.port))
    });
    unhealthy.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clb_cloud_api::clb;

    use super::unhealthy;
    use crate::resources::backend_binding::Backend;

    #[test]
    fn who_gets_connections_and_does_not_pass_is_named_with_what_is_said() {
        let backend =
            |ip: &str, weight: u8| Backend { instance_id: None, eni_ip: Some(ip.to_owned()), port: 80, weight };
        let bound =
            |ip: &str| clb::Backend { private_ip_addresses: vec![ip.to_owned()], port: 80, ..clb::Backend::default() };
        let verdict = |ip: &str, said: &str| clb::TargetHealth {
            ip: ip.to_owned(),
            port: 80,
            health_status_detail: said.to_owned(),
            ..clb::TargetHealth::default()
        };
        let of = |id: &str, targets: Vec<clb::TargetHealth>| clb::ListenerHealth {
            listener_id: id.to_owned(),
            rules: vec![clb::RuleHealth { targets, ..clb::RuleHealth::default() }],
            ..clb::ListenerHealth::default()
        };
        let addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"];
        let mut wanted: BTreeSet<Backend> = addresses.iter().map(|ip| backend(ip, 10)).collect();
        wanted.insert(backend("10.0.0.6", 0));
        let said = ["Alive", "Close", "Dead", "Unknown"];
        let verdicts = addresses.iter().zip(said).map(|(ip, said)| verdict(ip, said)).collect();
        let seen = [of("lbl-1", verdicts), of("lbl-2", vec![verdict("10.0.0.5", "Alive")])];
        let bound: Vec<clb::Backend> = addresses.iter().map(|ip| bound(ip)).collect();
        assert_eq!(
            unhealthy(&wanted, &bound, "lbl-1", &seen),
            ["10.0.0.3:80 (Dead)", "10.0.0.4:80 (Unknown)", "10.0.0.5:80 (Unknown)"]
        );
    }
}
