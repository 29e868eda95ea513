//! What the platform would refuse is refused by the plan, at the attribute. Every rule of the simulator's rule book is here or in
//! `plan_words.rs` with the case that shows it, or in `plan_reasons.rs` with the reason why no plan can know it. A new rule fails a
//! test until it is in one of the lists.
//!
//! In the miniature of Terraform's core, where a plan costs milliseconds. Not here: on which side of a bound a value lies
//! (`plan_bounds.rs`), and what a plan only warns of (`plan_warnings.rs`).

use std::collections::BTreeSet;

use clb_acceptance_tests::certificates::Identity;
use clb_acceptance_tests::levers::Levers;
use clb_acceptance_tests::parts::{self, accept, binding, eni, instance, made, text};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_provider::provider::{Settings, SettingsConfig};
use clb_provider::resources::backend_binding::BackendConfig;
use clb_provider::resources::certificate::PemText;
use clb_provider::resources::load_balancer::{AddressIpVersion, InternetChargeType, LoadBalancerConfig, NetworkType};
use clb_provider::resources::quic_listener::{
    CheckSource, CheckType, HealthCheckConfig, QuicListenerConfig, TlsConfig, TlsMode,
};
use clb_provider::resources::security_group::{Cidr, Ports, Protocol, SecurityRuleConfig};
use clb_provider::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener, SecurityGroup};
use clb_simulator::rule_book::{Kind, entries};
use tfplugin_sdk::testing::Core;
use tfplugin_sdk::{Report, Resource, Secret, Value};

use crate::plan_reasons::NOT_AT_PLAN;
use crate::plan_stage::Stage;
use crate::plan_words::WORDS;

/// The rules that are broken, the attribute that breaks them, and the configuration.
type Case<C> = (&'static [&'static str], &'static str, C);

/// A plan that was refused: the rules that would have refused the write, and the attribute.
struct Refused {
    rules: &'static [&'static str],
    at: &'static str,
    said: Report,
}

impl Stage {
    /// The plan of a new resource, which has to be refused.
    async fn refused<R: Resource>(
        &self,
        rules: &'static [&'static str],
        at: &'static str,
        config: R::Config,
    ) -> Refused {
        let instance = self.core.resource::<R>();
        // The futures of plans are large.
        match Box::pin(instance.plan(&config)).await {
            Ok(_) => panic!("{rules:?}: the plan is not refused"),
            Err(said) => Refused { rules, at, said },
        }
    }

    async fn all_refused<R: Resource>(&self, cases: Vec<Case<R::Config>>) -> Vec<Refused> {
        let mut refused = Vec::new();
        for (rules, at, config) in cases {
            refused.push(self.refused::<R>(rules, at, config).await);
        }
        refused
    }

    async fn listeners(&self) -> Vec<Refused> {
        let on = |balancer: &str| QuicListenerConfig { load_balancer_id: text(balancer), ..self.new_listener() };
        let tls = |mode: TlsMode, id: Value<String>, ca: Value<String>| QuicListenerConfig {
            tls: Value::Known(TlsConfig {
                mode: Value::Known(mode),
                certificate_id: id,
                client_ca_certificate_id: ca,
                ..TlsConfig::default()
            }),
            ..self.new_listener()
        };
        let one_way = |id: Value<String>| tls(TlsMode::OneWay, id, Value::Null);
        let named = |name: &str| QuicListenerConfig { name: text(name), ..self.new_listener() };
        let limits = |max_connections, max_new_connections_per_second| QuicListenerConfig {
            max_connections,
            max_new_connections_per_second,
            ..self.new_listener()
        };
        let cases: Vec<Case<QuicListenerConfig>> = vec![
            (&["listener-port-range"], "port", QuicListenerConfig { port: Value::Known(0), ..self.new_listener() }),
            (
                &["listener-port-unique-udp-class"],
                "port",
                QuicListenerConfig { port: Value::Known(8443), ..self.new_listener() },
            ),
            (&["quic-needs-current-generation-lb"], "load_balancer_id", on("lb-classic0")),
            (&["quic-needs-vpc-network"], "load_balancer_id", on("lb-basic000")),
            (&["quic-not-on-ipv6-fullchain"], "load_balancer_id", on(&self.full_chain)),
            (&["lb-not-found", "lb-not-found-unlisted"], "load_balancer_id", on("lb-00000000")),
            (&["lb-id-format"], "load_balancer_id", on("lb-1")),
            (&["quic-needs-server-certificate"], "tls.certificate_id", one_way(Value::Null)),
            (&["certificate-id-must-exist"], "tls.certificate_id", one_way(text("abcdEFGH"))),
            (&["certificate-server-must-be-svr"], "tls.certificate_id", one_way(text(&self.ca))),
            (
                &["certificate-ca-must-be-ca"],
                "tls.client_ca_certificate_id",
                tls(TlsMode::Mutual, text(&self.server), text(&self.server)),
            ),
            (
                &["mutual-tls-needs-ca"],
                "tls.client_ca_certificate_id",
                tls(TlsMode::Mutual, text(&self.server), Value::Null),
            ),
            (&["listener-name-length"], "name", named(&"x".repeat(81))),
            (&["listener-name-characters"], "name", named("smile-😀")),
            (&["connection-limit-range"], "max_connections", limits(Value::Known(0), Value::Null)),
            (&["max-conn-needs-lcu"], "max_connections", limits(Value::Known(10), Value::Null)),
            (&["max-cps-needs-lcu"], "max_new_connections_per_second", limits(Value::Null, Value::Known(10))),
            (
                &["health-check-interval-range-ipv6"],
                "health_check.interval",
                QuicListenerConfig {
                    load_balancer_id: text(&self.nat64),
                    ..self.checked(|it| it.interval = Value::Known(4))
                },
            ),
            (
                &["health-check-source-ip-type-ipv6"],
                "health_check.source_ip",
                QuicListenerConfig {
                    load_balancer_id: text(&self.nat64),
                    ..self.checked(|it| it.source_ip = Value::Known(CheckSource::PlatformRange))
                },
            ),
        ];
        self.all_refused::<QuicListener>(cases).await
    }

    async fn health_checks(&self) -> Vec<Refused> {
        type Change = fn(&mut HealthCheckConfig);
        let cases: Vec<Case<Change>> = vec![
            (&["health-check-timeout-range"], "health_check.timeout", |it| it.timeout = Value::Known(1)),
            (&["health-check-timeout-below-interval"], "health_check.timeout", |it| it.timeout = Value::Known(5)),
            (&["health-check-interval-range-ipv4"], "health_check.interval", |it| it.interval = Value::Known(301)),
            (&["health-check-healthy-threshold"], "health_check.healthy_threshold", |it| {
                it.healthy_threshold = Value::Known(11);
            }),
            (&["health-check-unhealthy-threshold"], "health_check.unhealthy_threshold", |it| {
                it.unhealthy_threshold = Value::Known(1);
            }),
            (&["health-check-http-code"], "health_check.http_status_classes", |it| {
                it.http_status_classes = Value::Known(Vec::new());
            }),
            (&["health-check-http-path-characters"], "health_check.http_path", |it| it.http_path = text("up")),
            (&["health-check-http-path-length"], "health_check.http_path", |it| {
                it.http_path = text(&format!("/{}", "a".repeat(200)));
            }),
            (&["health-check-http-domain-characters"], "health_check.http_domain", |it| it.http_domain = text("A.b")),
            (&["health-check-http-domain-length"], "health_check.http_domain", |it| {
                it.http_domain = text(&"a".repeat(81));
            }),
            (&["health-check-http-domain-required"], "health_check.http_domain", |it| it.http_domain = Value::Null),
        ];
        let mut refused = Vec::new();
        for (rules, at, change) in cases {
            let http = self.checked(|it| {
                if rules[0].contains("http") {
                    (it.r#type, it.http_domain) = (Value::Known(CheckType::Http), text("a.test"));
                }
                change(it);
            });
            refused.push(self.refused::<QuicListener>(rules, at, http).await);
        }
        refused
    }

    async fn load_balancers(&self) -> Vec<Refused> {
        let public = parts::load_balancer;
        let internal = || LoadBalancerConfig {
            network_type: Value::Known(NetworkType::Internal),
            subnet_id: text("subnet-demo0001"),
            ..public()
        };
        let full_chain = || parts::ipv6_load_balancer(AddressIpVersion::Ipv6FullChain);
        let tags = (0..21).map(|number| (format!("k{number}"), text("v"))).collect();
        let groups = |count: usize| Value::Known((0..count).map(|number| text(&format!("sg-{number:08}"))).collect());
        let cases: Vec<Case<LoadBalancerConfig>> = vec![
            (&["lb-name-length"], "name", LoadBalancerConfig { name: text(""), ..public() }),
            (&["lb-name-characters"], "name", LoadBalancerConfig { name: text("a\u{7}"), ..public() }),
            (&["lb-internal-needs-vpc"], "vpc_id", LoadBalancerConfig { vpc_id: Value::Null, ..internal() }),
            (&["lb-internal-needs-subnet"], "subnet_id", LoadBalancerConfig { subnet_id: Value::Null, ..internal() }),
            (
                &["lb-ipv6-fullchain-needs-subnet"],
                "subnet_id",
                LoadBalancerConfig { subnet_id: Value::Null, ..full_chain() },
            ),
            (
                &["lb-public-ipv4-refuses-subnet"],
                "subnet_id",
                LoadBalancerConfig { subnet_id: text("subnet-demo0001"), ..public() },
            ),
            (
                &["lb-vpc-and-subnet-must-exist"],
                "vpc_id",
                LoadBalancerConfig { vpc_id: text("vpc-00000000"), ..public() },
            ),
            (
                &["lb-vpc-and-subnet-must-exist"],
                "subnet_id",
                LoadBalancerConfig { subnet_id: text("subnet-00000000"), ..internal() },
            ),
            (
                &["lb-vpc-and-subnet-must-exist"],
                "subnet_id",
                LoadBalancerConfig { subnet_id: text("subnet-demo0002"), ..internal() },
            ),
            (
                &["lb-ip-version-public-only"],
                "address_ip_version",
                LoadBalancerConfig { address_ip_version: Value::Known(AddressIpVersion::Ipv6Nat64), ..internal() },
            ),
            (
                &["lb-single-isp-needs-bandwidth-package"],
                "internet_charge_type",
                LoadBalancerConfig { vip_isp: text("CMCC"), ..public() },
            ),
            (
                &["lb-zone-public-ipv4-only"],
                "zone",
                LoadBalancerConfig { zone: text("ap-guangzhou-3"), ..full_chain() },
            ),
            (&["lb-zone-must-exist"], "zone", LoadBalancerConfig { zone: text("ap-guangzhou-99"), ..public() }),
            (
                &["lb-vip-not-on-nat64"],
                "vip",
                LoadBalancerConfig { vip: text("127.0.0.9"), ..parts::ipv6_load_balancer(AddressIpVersion::Ipv6Nat64) },
            ),
            (&["lb-vip-must-be-free"], "vip", LoadBalancerConfig { vip: text(&self.vip), ..public() }),
            (&["lb-tags-max-20"], "tags", LoadBalancerConfig { tags: Value::Known(tags), ..public() }),
            (
                &["lb-bandwidth-range-lcu"],
                "bandwidth",
                LoadBalancerConfig { bandwidth: Value::Known(61_441), ..public() },
            ),
            (
                &["lb-ipv6-refuses-pass-to-target"],
                "pass_to_target",
                LoadBalancerConfig { pass_to_target: Value::Known(false), ..full_chain() },
            ),
            (
                &["lb-sg-array-max-50"],
                "security_group_ids",
                LoadBalancerConfig { security_group_ids: groups(51), ..public() },
            ),
            (
                &["lb-sg-must-exist"],
                "security_group_ids[0]",
                LoadBalancerConfig { security_group_ids: groups(1), ..public() },
            ),
        ];
        let mut refused = self.all_refused::<LoadBalancer>(cases).await;
        let protected = LoadBalancerConfig { delete_protection: Value::Known(true), ..public() };
        let mut protected = made::<LoadBalancer>(&self.core, &protected).await;
        let said = Box::pin(protected.destroy()).await.unwrap_err();
        refused.push(Refused { rules: &["lb-delete-protection"], at: "delete_protection", said });
        let shared = made::<LoadBalancer>(&self.core, &public()).await;
        let wide = LoadBalancerConfig { bandwidth: Value::Known(2049), ..public() };
        let said = Box::pin(shared.plan(&wide)).await.unwrap_err();
        refused.push(Refused { rules: &["lb-bandwidth-range-shared"], at: "bandwidth", said });
        refused
    }

    async fn bindings(&self) -> Vec<Refused> {
        let here = |backends| binding(&self.balancer, &self.listener, backends);
        let many = |count: u16| (0..count).map(|port| eni("10.0.1.6", 20_000 + port, 1)).collect::<Vec<_>>();
        let both = BackendConfig { eni_ip: text("10.0.1.6"), ..instance("ins-demogren", 80) };
        let cases: Vec<Case<_>> = vec![
            (&["target-weight-range"], "backends", here(vec![eni("10.0.1.6", 80, 101)])),
            (&["target-port-range"], "backends", here(vec![eni("10.0.1.6", 0, 1)])),
            (&["target-instance-or-eni-exactly-one"], "backends", here(vec![both])),
            (&["target-eni-ip-format"], "backends", here(vec![eni("green", 80, 1)])),
            (&["cvm-id-format"], "backends", here(vec![instance("ins-1", 80)])),
            (&["target-instance-must-exist"], "backends", here(vec![instance("ins-00000000", 80)])),
            (&["target-same-vpc"], "backends", here(vec![instance("ins-demofar0", 80)])),
            (&["target-repeated-in-request"], "backends", here(vec![eni("10.0.1.6", 80, 1), eni("10.0.1.6", 80, 2)])),
            (&["target-list-not-empty"], "backends", here(Vec::new())),
            (&["target-batch-max-500"], "backends", here(many(501))),
            (&["target-quota-per-listener"], "backends", here(many(201))),
            (
                &["target-four-tuple-unique"],
                "backends",
                binding(&self.balancer, &self.other_listener, vec![eni("10.0.1.5", 8080, 10)]),
            ),
            (&["target-four-tuple-unique"], "backends", here(vec![eni("10.0.1.5", 8080, 10)])),
            (
                &["listener-not-found", "target-batch-all-listeners-unknown"],
                "listener_id",
                binding(&self.balancer, "lbl-00000000", vec![eni("10.0.1.6", 80, 1)]),
            ),
            (
                &["lb-not-found-listed"],
                "load_balancer_id",
                binding("lb-00000000", "lbl-00000000", vec![eni("10.0.1.6", 80, 1)]),
            ),
        ];
        self.all_refused::<BackendBinding>(cases).await
    }

    async fn certificates(&self) -> Vec<Refused> {
        let server = || parts::certificate(&self.identity);
        let other_key = Value::Known(Secret::new(Identity::server().private_key_pem));
        let leaf = Value::Known(PemText(self.authority.client("leaf").certificate_pem));
        let mut not_ca = parts::client_ca(&self.authority);
        not_ca.certificate = leaf;
        let cases: Vec<Case<_>> = vec![
            (&["certificate-upload-must-parse"], "certificate", {
                let mut damaged = server();
                damaged.certificate = Value::Known(PemText("not PEM".to_owned()));
                damaged
            }),
            (&["certificate-upload-svr-needs-key"], "private_key_wo", {
                let mut keyless = server();
                keyless.private_key_wo = Value::Null;
                keyless
            }),
            (&["certificate-upload-key-must-match"], "private_key_wo", {
                let mut mismatched = server();
                mismatched.private_key_wo = other_key;
                mismatched
            }),
            (&["certificate-upload-ca-must-be-ca"], "certificate", not_ca),
        ];
        self.all_refused::<Certificate>(cases).await
    }

    async fn security_groups(&self) -> Vec<Refused> {
        let one = |rule: SecurityRuleConfig| parts::security_group(vec![rule]);
        let everyone = || accept("0.0.0.0/0");
        let of_group = |number: usize| SecurityRuleConfig {
            security_group_id: text(&format!("sg-{number:08}")),
            cidr: Value::Null,
            ..everyone()
        };
        let networks = (0..101).map(|number| accept(&format!("10.0.0.{number}"))).collect();
        let mut named = one(everyone());
        named.name = text(&"x".repeat(61));
        let mut described = one(everyone());
        described.description = text(&"x".repeat(101));
        let cases: Vec<Case<_>> = vec![
            (&["security-group-name-max-60"], "name", named),
            (&["security-group-description-max-100"], "description", described),
            (&["security-group-rule-duplicate"], "ingress[1]", parts::security_group(vec![everyone(), everyone()])),
            (
                &["security-group-rule-port-format"],
                "ingress[0].ports",
                one(SecurityRuleConfig {
                    protocol: Value::Known(Protocol::Udp),
                    ports: Value::Known(Ports("9-1".to_owned())),
                    ..everyone()
                }),
            ),
            (
                &["security-group-rule-one-source"],
                "ingress[0]",
                one(SecurityRuleConfig { cidr: Value::Null, ..everyone() }),
            ),
            (
                &["security-group-rule-address-format"],
                "ingress[0].cidr",
                one(SecurityRuleConfig { cidr: Value::Known(Cidr("everyone".to_owned())), ..everyone() }),
            ),
            (
                &["security-group-rule-no-icmp-for-ipv6"],
                "ingress[0].protocol",
                one(SecurityRuleConfig { protocol: Value::Known(Protocol::Icmp), ..accept("::/0") }),
            ),
            (
                &["security-group-rule-description-max-100"],
                "ingress[0].description",
                one(SecurityRuleConfig { description: text(&"x".repeat(101)), ..everyone() }),
            ),
            (
                &["security-group-references-max-10"],
                "ingress[10].security_group_id",
                parts::security_group((0..11).map(of_group).collect()),
            ),
            (&["security-group-not-found"], "ingress[0].security_group_id", one(of_group(0))),
            (&["security-group-rule-quota"], "ingress", parts::security_group(networks)),
        ];
        self.all_refused::<SecurityGroup>(cases).await
    }
}

/// What needs a quota that is used up, or another region.
async fn accounts(world: &Sandbox, stage: &Stage) -> Vec<Refused> {
    let levers = Levers::open(world.admin_address()).await;
    for (quota, limit) in
        [("listeners", 2), ("public-load-balancers", 3), ("internal-load-balancers", 0), ("carrier-load-balancers", 0)]
    {
        levers.set_quota(world.account_name(), quota, limit).await;
    }
    // The limits are asked for once in the life of a process.
    let core = world.core().await;
    let mut refused = Vec::new();
    let crowded = core.resource::<QuicListener>().plan(&stage.new_listener()).await.unwrap_err();
    refused.push(Refused { rules: &["listener-quota-per-lb"], at: "load_balancer_id", said: crowded });
    let public = core.resource::<LoadBalancer>().plan(&parts::load_balancer()).await.unwrap_err();
    refused.push(Refused { rules: &["lb-quota-public"], at: "network_type", said: public });
    let internal = LoadBalancerConfig {
        network_type: Value::Known(NetworkType::Internal),
        subnet_id: text("subnet-demo0001"),
        ..parts::load_balancer()
    };
    let internal = core.resource::<LoadBalancer>().plan(&internal).await.unwrap_err();
    refused.push(Refused { rules: &["lb-quota-internal"], at: "network_type", said: internal });
    levers.set_quota(world.account_name(), "public-load-balancers", 100).await;
    let carrier = LoadBalancerConfig {
        vip_isp: text("CMCC"),
        internet_charge_type: Value::Known(InternetChargeType::BandwidthPackage),
        ..parts::load_balancer()
    };
    let core = world.core().await;
    let said = core.resource::<LoadBalancer>().plan(&carrier).await.unwrap_err();
    refused.push(Refused { rules: &["lb-quota-carrier"], at: "vip_isp", said });
    let settings = SettingsConfig {
        secret_id: text(world.secret_id()),
        secret_key: Value::Known(Secret::new(world.secret_key().to_owned())),
        region: text("ap-nowhere"),
        endpoint: text(&world.endpoint()),
        ..SettingsConfig::default()
    };
    let nowhere = Core::start::<_, Settings>(clb_provider::provider(), &settings).await.unwrap();
    let anywhere = LoadBalancerConfig { vpc_id: Value::Null, ..parts::load_balancer() };
    let said = nowhere.resource::<LoadBalancer>().plan(&anywhere).await.unwrap_err();
    refused.push(Refused { rules: &["clb-region-must-exist"], at: "", said });
    refused
}

#[test]
fn every_rule_is_refused_by_the_plan_at_its_attribute_or_has_a_reason() {
    let world = Sandbox::start();
    let refused = world.block_on(async {
        let stage = Stage::set(&world).await;
        let mut all = stage.listeners().await;
        all.extend(stage.health_checks().await);
        all.extend(Box::pin(stage.load_balancers()).await);
        all.extend(stage.bindings().await);
        all.extend(stage.certificates().await);
        all.extend(stage.security_groups().await);
        all.extend(Box::pin(accounts(&world, &stage)).await);
        all
    });
    let mut wrong = Vec::new();
    for Refused { rules, at, said } in &refused {
        let found = said.diagnostics().iter().find(|found| {
            let path = found.path.to_string();
            path == *at || path.starts_with(&format!("{at}[")) || path.starts_with(&format!("{at}."))
        });
        match found {
            Some(found) if found.summary.is_empty() || found.detail.len() < 20 => {
                wrong.push(format!("{rules:?}: {found:?}"));
            }
            Some(_) => {}
            None => wrong.push(format!("{rules:?}: nothing at {at}: {said:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let shown =
        refused.iter().flat_map(|it| it.rules).copied().chain(WORDS.iter().flat_map(|(rules, _, _)| *rules).copied());
    let shown: BTreeSet<&str> = shown.collect();
    let excused: BTreeSet<&str> = NOT_AT_PLAN.iter().flat_map(|(_, rules)| *rules).copied().collect();
    let rules: BTreeSet<&str> = entries().iter().filter(|it| it.kind == Kind::Rule).map(|it| it.id).collect();
    let both: Vec<&&str> = shown.intersection(&excused).collect();
    assert!(both.is_empty(), "these are refused by plans, so they need no excuse: {both:?}");
    let listed: BTreeSet<&str> = shown.union(&excused).copied().collect();
    let neither: Vec<&&str> = rules.difference(&listed).collect();
    assert!(neither.is_empty(), "show that a plan refuses these, or say why none can: {neither:?}");
    let invented: Vec<&&str> = listed.difference(&rules).collect();
    assert!(invented.is_empty(), "the rule book has no such rules: {invented:?}");
}
