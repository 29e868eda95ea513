//! What a binding has to obey, as far as it can be known before apply: rules between attributes, and whether the listener and the
//! instances exist. What is unknown is left to the platform.

use std::collections::BTreeSet;
use std::net::IpAddr;

use tfplugin_sdk::{PlanEdit, Report, Result, Value, path};

use super::{BackendBinding, BackendBindingConfig, BackendConfig};
use crate::errors::Doing;
use crate::platform::Platform;

/// Rules between attributes.
pub(super) fn validate(config: &BackendBindingConfig, report: &mut Report) {
    let Value::Known(backends) = &config.backends else { return };
    if backends.iter().any(Value::is_null) {
        report.error(path!(backends), "A backend is null", "Every entry of backends names a backend. Remove the null.");
    }
    let mut seen = BTreeSet::new();
    for backend in backends.iter().filter_map(Value::known) {
        validate_backend(backend, report);
        let (Some(address), Some(port)) = (address(backend), backend.port.known()) else { continue };
        if !seen.insert((address.clone(), *port)) {
            report.error(
                path!(backends),
                format!("The backend {address}:{port} is listed twice"),
                "A backend is bound to a listener once, with one weight. Remove one of the two entries.",
            );
        }
    }
}

fn validate_backend(backend: &BackendConfig, report: &mut Report) {
    let port = backend.port.known().map_or_else(|| "?".to_owned(), u16::to_string);
    match (backend.instance_id.is_null(), backend.eni_ip.is_null()) {
        (true, true) => report.error(
            path!(backends),
            format!("The backend with port {port} has no address"),
            "Set instance_id (an instance) or eni_ip (the address of a network interface).",
        ),
        (false, false) if !backend.instance_id.is_unknown() && !backend.eni_ip.is_unknown() => report.error(
            path!(backends),
            format!("The backend with port {port} has two addresses"),
            "A backend is named by exactly one of instance_id and eni_ip. Remove one of them.",
        ),
        _ => {}
    }
    if let Some(text) = backend.eni_ip.known()
        && text.parse::<IpAddr>().is_err()
    {
        let rule = format!("eni_ip is the IP address of a network interface, such as 10.0.1.5; `{text}` is none.");
        report.error(path!(backends), "eni_ip is not an IP address", rule);
    }
}

fn address(backend: &BackendConfig) -> Option<&String> {
    backend.instance_id.known().or_else(|| backend.eni_ip.known())
}

/// What the platform can say of a plan. Only what is new is asked about.
pub(super) async fn plan(plan: &mut PlanEdit<'_, BackendBinding>) -> Result<()> {
    let Some(platform) = plan.api else { return Ok(()) };
    if plan.is_destroy() {
        return Ok(());
    }
    if plan.is_create() {
        check_listener(plan, platform).await?;
    }
    check_instances(plan, platform).await
}

async fn check_listener(plan: &mut PlanEdit<'_, BackendBinding>, platform: &Platform) -> Result<()> {
    let known = (plan.planned.load_balancer_id.known().cloned(), plan.planned.listener_id.known().cloned());
    let (Some(balancer), Some(listener)) = known else { return Ok(()) };
    let listeners = platform.listeners(&balancer).await.doing(format_args!("list the listeners of {balancer}"))?;
    match listeners {
        None => plan.error(
            path!(load_balancer_id),
            format!("The load balancer {balancer} does not exist"),
            "There is none with this id in this account and region. Check the id and the provider's region.",
        ),
        Some(listeners) if listeners.iter().all(|found| found.listener_id != listener) => plan.error(
            path!(listener_id),
            format!("The listener {listener} does not exist"),
            format!("The load balancer {balancer} has no listener with this id."),
        ),
        Some(_) => {}
    }
    Ok(())
}

/// Only instances that are new to the binding are looked for.
async fn check_instances(plan: &mut PlanEdit<'_, BackendBinding>, platform: &Platform) -> Result<()> {
    let Value::Known(backends) = &plan.planned.backends else { return Ok(()) };
    let before: BTreeSet<&String> = plan
        .prior
        .iter()
        .flat_map(|prior| &prior.backends)
        .filter_map(|backend| backend.instance_id.as_ref())
        .collect();
    let named = backends.iter().filter_map(Value::known).filter_map(|backend| backend.instance_id.known());
    let new: BTreeSet<String> = named.filter(|id| !before.contains(id)).cloned().collect();
    if new.is_empty() {
        return Ok(());
    }
    let new: Vec<String> = new.into_iter().collect();
    for id in platform.missing_instances(&new).await.doing("look for the instances")? {
        plan.error(
            path!(backends),
            format!("The instance {id} does not exist"),
            "There is none with this id in this account and region. Check instance_id and the provider's region.",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tfplugin_sdk::{Refinements, Report, Value};

    use super::validate;
    use crate::resources::backend_binding::{BackendBindingConfig, BackendConfig};

    fn wrong(backends: Vec<BackendConfig>) -> Vec<String> {
        let backends = Value::Known(backends.into_iter().map(Value::Known).collect());
        let mut report = Report::new();
        validate(&BackendBindingConfig { backends, ..Default::default() }, &mut report);
        report.diagnostics().iter().map(|found| found.summary.clone()).collect()
    }

    fn backend(instance_id: Option<&str>, eni_ip: Option<&str>, port: u16) -> BackendConfig {
        let text = |text: Option<&str>| text.map_or(Value::Null, |text| Value::Known(text.to_owned()));
        let port = Value::Known(port);
        BackendConfig { instance_id: text(instance_id), eni_ip: text(eni_ip), port, weight: Value::Null }
    }

    #[test]
    fn a_backend_has_exactly_one_address() {
        assert!(wrong(vec![backend(Some("ins-1"), None, 80), backend(None, Some("10.0.1.5"), 80)]).is_empty());
        assert_eq!(wrong(vec![backend(None, None, 80)]), ["The backend with port 80 has no address"]);
        assert_eq!(
            wrong(vec![backend(Some("ins-1"), Some("10.0.1.5"), 80)]),
            ["The backend with port 80 has two addresses"]
        );
        let unknown = BackendConfig { eni_ip: Value::Unknown(Refinements::none()), ..backend(Some("ins-1"), None, 80) };
        assert!(wrong(vec![unknown]).is_empty());
    }

    #[test]
    fn a_backend_is_not_null() {
        let mut report = Report::new();
        let backends = Value::Known(vec![Value::Null]);
        validate(&BackendBindingConfig { backends, ..Default::default() }, &mut report);
        assert!(report.has_errors());
    }

    #[test]
    fn an_address_is_an_ip_address() {
        assert_eq!(wrong(vec![backend(None, Some("blue.example"), 80)]), ["eni_ip is not an IP address"]);
    }

    #[test]
    fn a_backend_is_listed_once_whatever_its_weight() {
        let heavier = BackendConfig { weight: Value::Known(20), ..backend(Some("ins-1"), None, 80) };
        assert_eq!(wrong(vec![backend(Some("ins-1"), None, 80), heavier]), ["The backend ins-1:80 is listed twice"]);
        assert!(wrong(vec![backend(Some("ins-1"), None, 80), backend(Some("ins-1"), None, 81)]).is_empty());
    }
}
