//! At and beside each bound the provider and the platform say the same: what one takes the other takes.

use clb_acceptance_tests::parts::{self, binding, eni, text};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_cloud_api::{Accepted, Action as Call, Client, ClientConfig, Wait, clb, vpc};
use clb_provider::resources::load_balancer::LoadBalancerConfig;
use clb_provider::resources::quic_listener::{CheckType, HealthCheckConfig, QuicListenerConfig};
use clb_provider::resources::{BackendBinding, LoadBalancer, QuicListener, SecurityGroup};
use tfplugin_sdk::{Resource, Value};

use crate::plan_stage::Stage;

/// Puts a number into both forms of a health check.
type Put = fn(&mut HealthCheckConfig, &mut clb::HealthCheck, u16);

/// Both sides of every bound, and what they said.
struct Bounds {
    stage: Stage,
    client: Client,
    rows: Vec<Row>,
}

/// A value, and whether the provider and the platform take it.
struct Row {
    what: String,
    ours: bool,
    theirs: bool,
}

impl Bounds {
    async fn begin(world: &Sandbox) -> Self {
        let mut config = ClientConfig::new("ap-guangzhou", world.secret_id(), world.secret_key());
        config.endpoint = Some(world.endpoint());
        Self { stage: Stage::set(world).await, client: Client::new(config).unwrap(), rows: Vec::new() }
    }

    fn ours<R: Resource>(&self, config: &R::Config) -> bool {
        !self.stage.core.resource::<R>().validate(config).has_errors()
    }

    /// Whether the platform takes a call; the id of the request, if so.
    async fn taken<A: Call>(&self, action: &A) -> Option<String> {
        match self.client.call(action).await {
            Ok(answered) => Some(answered.request_id),
            Err(error) => {
                assert!(error.api().is_some(), "{error}");
                None
            }
        }
    }

    /// Whether the platform takes a call that is a task, and carries it out.
    async fn carried_out<A: Call<Reply = Accepted>>(&self, action: &A) -> bool {
        match self.taken(action).await {
            Some(task) => self.client.wait_for(&task, Wait::default()).await.is_ok(),
            None => false,
        }
    }

    fn modification(&self) -> clb::ModifyListener {
        clb::ModifyListener {
            load_balancer_id: self.stage.balancer.clone(),
            listener_id: self.stage.listener.clone(),
            ..clb::ModifyListener::default()
        }
    }

    async fn health_check(&mut self, what: String, change: impl FnOnce(&mut HealthCheckConfig, &mut clb::HealthCheck)) {
        let mut check = clb::HealthCheck {
            time_out: Some(2),
            interval_time: Some(300),
            check_type: Some("HTTP".to_owned()),
            http_check_domain: Some("a.test".to_owned()),
            ..clb::HealthCheck::default()
        };
        let config = self.stage.checked(|ours| {
            (ours.timeout, ours.interval) = (Value::Known(2), Value::Known(300));
            (ours.r#type, ours.http_domain) = (Value::Known(CheckType::Http), text("a.test"));
            change(ours, &mut check);
        });
        let request = clb::ModifyListener { health_check: Some(check), ..self.modification() };
        let (ours, theirs) = (self.ours::<QuicListener>(&config), self.carried_out(&request).await);
        self.rows.push(Row { what, ours, theirs });
    }

    async fn numbers_of_health_checks(&mut self) {
        let numbers: [(&str, &[u16], Put); 4] = [
            ("interval", &[1, 2, 300, 301], |ours, theirs, it| {
                // One second has no timeout below it; the bound itself is what the row is about.
                (ours.interval, theirs.interval_time) = (Value::Known(it), Some(it.into()));
                if it <= 2 {
                    (ours.interval, theirs.interval_time) = (Value::Known(it + 1), Some(i64::from(it) + 1));
                }
            }),
            ("timeout", &[1, 2, 60, 61], |ours, theirs, it| {
                (ours.timeout, theirs.time_out) = (Value::Known(it), Some(it.into()));
            }),
            ("healthy_threshold", &[1, 2, 10, 11], |ours, theirs, it| {
                (ours.healthy_threshold, theirs.health_num) = (Value::Known(it), Some(it.into()));
            }),
            ("unhealthy_threshold", &[1, 2, 10, 11], |ours, theirs, it| {
                (ours.unhealthy_threshold, theirs.un_health_num) = (Value::Known(it), Some(it.into()));
            }),
        ];
        for (attribute, values, put) in numbers {
            for value in values {
                self.health_check(format!("{attribute} = {value}"), |ours, theirs| put(ours, theirs, *value)).await;
            }
        }
    }

    async fn texts_of_health_checks(&mut self) {
        let paths = ["", "/", "up", "/a b", "/é"].map(str::to_owned);
        for path in paths.into_iter().chain([199, 200].map(|length| format!("/{}", "a".repeat(length)))) {
            let change = |ours: &mut HealthCheckConfig, theirs: &mut clb::HealthCheck| {
                (ours.http_path, theirs.http_check_path) = (text(&path), Some(path.clone()));
            };
            self.health_check(format!("http_path = {path:?}"), change).await;
        }
        let domains = ["a", "A", "a_b", "é.test"].map(str::to_owned);
        for domain in domains.into_iter().chain([80, 81].map(|length| "a".repeat(length))) {
            let change = |ours: &mut HealthCheckConfig, theirs: &mut clb::HealthCheck| {
                (ours.http_domain, theirs.http_check_domain) = (text(&domain), Some(domain.clone()));
            };
            self.health_check(format!("http_domain = {domain:?}"), change).await;
        }
    }

    async fn names(&mut self) {
        let names = ["a", "直播", "smile-😀", "a\tb"].map(str::to_owned);
        for name in names.into_iter().chain([80, 81].map(|length| "x".repeat(length))) {
            let config = QuicListenerConfig { name: text(&name), ..self.stage.new_listener() };
            let request = clb::ModifyListener { listener_name: Some(name.clone()), ..self.modification() };
            let (ours, theirs) = (self.ours::<QuicListener>(&config), self.carried_out(&request).await);
            self.rows.push(Row { what: format!("listener name = {name:?}"), ours, theirs });

            let config = LoadBalancerConfig { name: text(&name), ..parts::load_balancer() };
            let request = clb::ModifyLoadBalancerAttributes {
                load_balancer_id: self.stage.balancer.clone(),
                load_balancer_name: Some(name.clone()),
                ..clb::ModifyLoadBalancerAttributes::default()
            };
            let (ours, theirs) = (self.ours::<LoadBalancer>(&config), self.taken(&request).await.is_some());
            self.rows.push(Row { what: format!("load balancer name = {name:?}"), ours, theirs });
        }
    }

    async fn ports(&mut self) {
        for port in [0_u16, 1, 1024, 65_535] {
            let config = QuicListenerConfig { port: Value::Known(port), ..self.stage.new_listener() };
            // Another protocol: ports below 1024 are opened for QUIC by the administrator only.
            let request = clb::CreateListener {
                load_balancer_id: self.stage.balancer.clone(),
                ports: vec![port.into()],
                protocol: "TCP".to_owned(),
                ..clb::CreateListener::default()
            };
            let (ours, theirs) = (self.ours::<QuicListener>(&config), self.taken(&request).await.is_some());
            self.rows.push(Row { what: format!("port = {port}"), ours, theirs });
        }
    }

    async fn backends(&mut self) {
        for (port, weight) in [(0, 10), (1, 10), (65_535, 10), (80, 0), (81, 100), (82, 101)] {
            let config = binding(&self.stage.balancer, &self.stage.listener, vec![eni("10.0.1.6", port, weight)]);
            let target = clb::BatchTarget {
                listener_id: self.stage.listener.clone(),
                port: port.into(),
                eni_ip: Some("10.0.1.6".to_owned()),
                weight: Some(weight.into()),
                ..clb::BatchTarget::default()
            };
            let load_balancer_id = self.stage.balancer.clone();
            let request = clb::BatchRegisterTargets { load_balancer_id, targets: vec![target] };
            let (ours, theirs) = (self.ours::<BackendBinding>(&config), self.taken(&request).await.is_some());
            self.rows.push(Row { what: format!("backend {port} of weight {weight}"), ours, theirs });
        }
    }

    async fn security_groups(&mut self) {
        for (name, description) in [(1, 0), (60, 100), (61, 0), (1, 101)] {
            let what = format!("group of {name} and {description} characters");
            let (name, description) = ("x".repeat(name), "x".repeat(description));
            let mut config = parts::security_group(Vec::new());
            (config.name, config.description) = (text(&name), text(&description));
            let request =
                vpc::CreateSecurityGroup { group_name: name, group_description: description, ..Default::default() };
            let (ours, theirs) = (self.ours::<SecurityGroup>(&config), self.taken(&request).await.is_some());
            self.rows.push(Row { what, ours, theirs });
        }
    }
}

#[test]
fn validation_draws_the_line_where_the_platform_draws_it() {
    let world = Sandbox::start();
    world.block_on(async {
        let mut bounds = Bounds::begin(&world).await;
        bounds.numbers_of_health_checks().await;
        bounds.texts_of_health_checks().await;
        bounds.names().await;
        bounds.ports().await;
        bounds.backends().await;
        bounds.security_groups().await;

        let said = |taken| if taken { "takes it" } else { "refuses it" };
        let differ = bounds.rows.iter().filter(|row| row.ours != row.theirs);
        let differ = differ
            .map(|row| format!("{}: the provider {}, the platform {}", row.what, said(row.ours), said(row.theirs)));
        let differ: Vec<_> = differ.collect();
        assert!(differ.is_empty(), "{}", differ.join("\n"));
        let taken = bounds.rows.iter().filter(|row| row.ours).count();
        let refused = bounds.rows.len() - taken;
        assert!(taken > 20 && refused > 15, "{taken} rows are taken and {refused} refused");
    });
}
