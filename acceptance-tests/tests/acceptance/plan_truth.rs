//! What the platform would refuse is refused by the plan, at the attribute. Every rule of the simulator's rule book is here: with
//! the case that shows it, or with the reason why no plan can know it. A new rule fails a test until it is in one of the lists.
//!
//! In the miniature of Terraform's core, where a plan costs milliseconds; words that typed configurations cannot say stand in one
//! run of Terraform.

use std::collections::BTreeSet;
use std::time::Duration;

use clb_acceptance_tests::certificates::{Authority, Identity};
use clb_acceptance_tests::levers::Levers;
use clb_acceptance_tests::parts::{self, accept, binding, eni, instance, listener, made, text};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::REQUIRED_PROVIDERS;
use clb_cloud_api::{Accepted, Action as Call, Client, ClientConfig, Wait, clb, vpc};
use clb_provider::provider::{Settings, SettingsConfig};
use clb_provider::resources::backend_binding::{BackendBindingConfig, BackendConfig};
use clb_provider::resources::certificate::PemText;
use clb_provider::resources::load_balancer::{AddressIpVersion, InternetChargeType, LoadBalancerConfig, NetworkType};
use clb_provider::resources::quic_listener::{
    CheckSource, CheckType, HealthCheckConfig, QuicListenerConfig, TlsConfig, TlsMode,
};
use clb_provider::resources::security_group::{Cidr, Ports, Protocol, SecurityRuleConfig};
use clb_provider::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener, SecurityGroup};
use clb_simulator::rule_book::{Kind, entries};
use tfplugin_sdk::testing::Core;
use tfplugin_sdk::{Refinements, Report, Resource, Secret, Value};

/// Rules whose words a typed configuration cannot break, with what breaks them in Terraform's language, and where.
const WORDS: &[(&[&str], &str, &str)] = &[
    (&["lb-type-enum"], "clb_load_balancer network_type = \"OPEN\"", "network_type"),
    (&["lb-ip-version-enum"], "clb_load_balancer address_ip_version = \"IPV6\"", "address_ip_version"),
    (&["lb-vip-isp-enum"], "clb_load_balancer vip_isp = \"ISP\"", "vip_isp"),
    (&["lb-charge-type-enum"], "clb_load_balancer internet_charge_type = \"free\"", "internet_charge_type"),
    (&["lb-sla-type-enum", "lb-sla-specification"], "clb_load_balancer sla_type = \"clb.c9.huge\"", "sla_type"),
    (&["scheduler-enum", "scheduler-ip-hash-refused-on-l4"], "clb_quic_listener scheduler = \"ip_hash\"", "scheduler"),
    (
        &["certificate-ssl-mode-enum"],
        "clb_quic_listener tls = { mode = \"none\", certificate_id = \"abcdEFGH\" }",
        "mode",
    ),
    (
        &["certificate-verify-client-enum"],
        "clb_quic_listener tls = { mode = \"one_way\", certificate_id = \"abcdEFGH\", verify_client = \"maybe\" }",
        "verify_client",
    ),
    (&["health-check-type"], "clb_quic_listener health_check = { type = \"ping\" }", "type"),
    (&["health-check-http-method"], "clb_quic_listener health_check = { http_method = \"POST\" }", "http_method"),
    (&["health-check-http-version"], "clb_quic_listener health_check = { http_version = \"HTTP/2\" }", "http_version"),
    (&["health-check-source-ip-type"], "clb_quic_listener health_check = { source_ip = \"any\" }", "source_ip"),
    (&["health-check-switch"], "clb_quic_listener health_check = { enabled = 2 }", "enabled"),
    (
        &["security-group-rule-protocol"],
        "clb_security_group ingress = [{ action = \"accept\", protocol = \"sctp\", cidr = \"::/0\" }]",
        "protocol",
    ),
    (
        &["security-group-rule-action"],
        "clb_security_group ingress = [{ action = \"allow\", cidr = \"::/0\" }]",
        "action",
    ),
    (&["certificate-upload-type-enum"], "clb_certificate type = \"SVR\"", "type"),
];

/// Rules that no plan can hold a configuration against, by reason.
const NOT_AT_PLAN: &[(&str, &[&str])] = &[
    (
        "It is about how a call is signed and written, which is the client's own work.",
        &[
            "api-authorization-well-formed",
            "api-content-type-and-host-signed",
            "api-credential-date-matches-timestamp",
            "api-service-must-exist",
            "api-version-must-exist",
            "api-action-must-exist",
            "action-not-served",
            "api-region-required",
            "api-unknown-parameter-refused",
            "api-required-parameter",
            "api-parameter-type-strict",
            "argument-not-served",
            "api-post-body-max-10-mb",
            "api-body-utf8-only",
            "api-request-well-formed",
        ],
    ),
    (
        "It is about the credentials: the first call of a plan meets it (provider_configuration.rs).",
        &[
            "api-secret-id-must-exist",
            "api-signature-must-match",
            "api-timestamp-within-five-minutes",
            "api-token-must-be-valid",
        ],
    ),
    (
        "It passes: the call is made again.",
        &["api-rate-limit-per-action", "lb-task-lock", "lb-task-lock-delete-lb", "lb-task-lock-unlisted-writes"],
    ),
    ("It is the simulator's own.", &["api-worlds-bounded", "api-internal-error", "lb-vip-pool-exhausted"]),
    (
        "The provider makes no such call, or always in the same good way.",
        &[
            "task-status-needs-one-id",
            "task-unknown-id",
            "lb-forward-only-current",
            "lb-number-max-20",
            "lb-client-token-max-64",
            "lb-client-token-expired",
            "lb-sla-count",
            "project-change-max-20",
            "lb-log-type-enum",
            "lb-log-set-and-topic",
            "lb-detail-target-type",
            "lb-detail-fields",
            "lb-detail-filter-names",
            "lb-describe-ids-max-20",
            "lb-describe-limit-max-100",
            "lb-describe-filters-max-10",
            "lb-describe-filter-names",
            "lb-describe-order",
            "lb-delete-ids-max-20",
            "lb-delete-batch-atomic",
            "lb-sg-operation-enum",
            "lb-sg-for-lbs-max-20",
            "lb-switch-flag",
            "listener-protocol-enum",
            "listener-ports-not-empty",
            "listener-ports-max-49",
            "listener-port-repeated-in-call",
            "listener-names-not-more-than-ports",
            "listener-describe-ids-max-100",
            "listener-not-found-batch-delete",
            "listener-not-found-start-stop",
            "listener-delete-ids-max-20",
            "listener-l7-only-action",
            "start-status-operation-enum",
            "lb-stop-needs-listeners",
            "cert-replace-same-kind",
            "cert-list-ids-max-20",
            "certificate-list-limit",
            "certificate-project-max-100",
            "certificate-deletion-tasks-max-100",
            "certificate-deletion-task-unknown",
            "target-register-max-20",
            "target-batch-weight-limits",
            "target-batch-tag-limits",
            "target-no-location-on-l4",
            "target-new-port-taken",
            "target-describe-ids-max-20",
            "target-describe-filter-names",
            "target-health-lbs-max-30",
            "tag-resource-ids-max-50",
            "tag-modify-max-10",
            "tag-resources-max-10",
            "tag-offset-multiple-of-limit",
            "tag-category-enum",
            "vpc-ids-and-filters-exclusive",
            "vpc-paging-strings",
            "vpc-describe-ids-max-100",
            "vpc-filter-names",
            "security-group-project-number",
            "security-group-order",
            "security-group-one-direction-per-call",
            "security-group-rules-not-empty",
            "security-group-version-current",
            "security-group-version-number",
            "security-group-rule-index",
            "security-group-rule-same-index",
            "security-group-rule-not-found",
            "cvm-ids-and-filters-exclusive",
            "cvm-describe-max-100",
            "cvm-filter-names",
            "cvm-filters-max-10",
            "address-filter-names",
            "address-filters-max-10",
            "address-limit-max-100",
            "address-id-format",
        ],
    ),
    (
        "No resource has an argument that could say it, so whoever writes it is told so.",
        &[
            "lb-charge-kind-enum",
            "lb-target-region-own",
            "lb-endpoint-format",
            "quic-no-port-range",
            "quic-no-session-persistence",
            "quic-session-type-normal-only",
            "quic-no-idle-connect-timeout",
            "quic-target-type-node-only",
            "quic-no-sni-switch",
            "quic-no-keepalive",
            "quic-no-h2c",
            "quic-no-data-compress-mode",
            "quic-no-deregister-target-rst",
            "quic-no-reschedule",
            "health-check-port-not-on-quic",
            "health-check-custom-not-on-quic",
            "health-check-extended-code-not-on-quic",
            "certificate-or-multi-not-both",
            "certificate-inline-upload-complete",
            "certificate-inline-must-be-valid",
            "multi-cert-distinct-algorithms",
            "multi-cert-mutual-needs-one-ca",
            "multi-cert-not-on-quic",
            "tag-duplicate-key",
            "tag-resource-quota",
        ],
    ),
    (
        "It is about listeners of other protocols, or of classic load balancers, which no resource manages.",
        &[
            "listener-port-unique-tcp-class",
            "listener-modify-not-on-classic",
            "listener-protocol-served",
            "listener-argument-of-other-protocols",
            "listener-target-type-enum",
            "listener-target-group-served",
            "listener-port-range-served",
            "listener-tcp-ssl-needs-certificate",
            "ssl-close-switch-tcp-ssl-only",
            "session-type-enum",
            "session-type-quic-cid-needs-udp",
            "session-expire-time-range",
            "idle-connect-timeout-range",
            "reschedule-times-range",
            "health-check-type-of-protocol",
            "health-check-http-version-on-tcp",
            "health-check-port-range",
            "health-check-custom-complete",
            "health-check-context-type",
            "health-check-context-length",
            "health-check-context-characters",
            "lb-sla-not-classic",
            "target-batch-vpc-only",
        ],
    ),
    (
        "Networks are not managed here.",
        &[
            "vpc-name-max-60-bytes",
            "vpc-cidr-range",
            "vpc-cidr-required",
            "network-cidr-format",
            "network-switch-words",
            "vpc-dns-servers-max-4",
            "vpc-dns-server-format",
            "vpc-quota",
            "vpc-must-exist",
            "vpc-not-found",
            "vpc-in-use",
            "assistant-cidr-no-overlap",
            "assistant-cidr-not-found",
            "assistant-cidr-in-use",
            "assistant-cidr-quota",
            "subnet-name-max-60-bytes",
            "subnet-inside-vpc",
            "subnet-no-overlap",
            "subnet-zone-must-fit",
            "subnet-quota",
            "subnet-in-use",
            "route-table-not-found",
        ],
    ),
    (
        "Addresses of a simulator are those of its pool, not of a subnet; so it is left to the platform.",
        &["lb-vip-inside-subnet"],
    ),
    ("The platform tells nobody whether the account is admitted.", &["quic-needs-allowlist"]),
    (
        "DescribeQuota does not tell this quota. Of security groups more than the usual five get a warning.",
        &["lb-sg-quota-5", "certificate-quota", "security-group-quota"],
    ),
    (
        "It depends on what else the same plan does first, which a provider is not told.",
        &[
            "lb-delete-frequency-risk",
            "lb-delete-target-count-risk",
            "certificate-in-use",
            "security-group-in-use",
            "lb-sg-rules-max-512",
        ],
    ),
    (
        "What it is about was there when the plan was made.",
        &["certificate-not-found", "target-not-bound", "tag-resource-must-exist"],
    ),
    (
        "A plan that destroys a group asks whether it is the default one; the built-in world has no such group to show it with.",
        &["security-group-default-undeletable"],
    ),
];

/// The rules that are broken, the attribute that breaks them, and the configuration.
type Case<C> = (&'static [&'static str], &'static str, C);

/// A plan that was refused: the rules that would have refused the write, and the attribute.
struct Refused {
    rules: &'static [&'static str],
    at: &'static str,
    said: Report,
}

/// What cases stand on. All of it was made by somebody else: another process, as far as the provider that plans knows.
struct Stage {
    core: Core,
    balancer: String,
    vip: String,
    nat64: String,
    full_chain: String,
    server: String,
    ca: String,
    listener: String,
    other_listener: String,
    identity: Identity,
    authority: Authority,
}

impl Stage {
    async fn set(world: &Sandbox) -> Self {
        let others = world.core().await;
        let (identity, authority) = (Identity::server(), Authority::new());
        let balancer = |config: LoadBalancerConfig| {
            let others = &others;
            async move { parts::load_balancer_id(&made::<LoadBalancer>(others, &config).await) }
        };
        let public = made::<LoadBalancer>(&others, &parts::load_balancer()).await.state().unwrap();
        let (public, vip) = (public.load_balancer_id, public.vips[0].clone());
        let server = parts::certificate_id(&made::<Certificate>(&others, &parts::certificate(&identity)).await);
        let ca = parts::certificate_id(&made::<Certificate>(&others, &parts::client_ca(&authority)).await);
        let there = made::<QuicListener>(&others, &listener(&public, 443 + 8000, &server)).await;
        let other = made::<QuicListener>(&others, &listener(&public, 9443, &server)).await;
        let (there, other) = (parts::listener_id(&there), parts::listener_id(&other));
        made::<BackendBinding>(&others, &binding(&public, &there, vec![eni("10.0.1.5", 8080, 10)])).await;
        Self {
            core: world.core().await,
            nat64: balancer(parts::ipv6_load_balancer(AddressIpVersion::Ipv6Nat64)).await,
            full_chain: balancer(parts::ipv6_load_balancer(AddressIpVersion::Ipv6FullChain)).await,
            balancer: public,
            vip,
            server,
            ca,
            listener: there,
            other_listener: other,
            identity,
            authority,
        }
    }

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

    fn new_listener(&self) -> QuicListenerConfig {
        listener(&self.balancer, 10_443, &self.server)
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

    fn checked(&self, change: impl FnOnce(&mut HealthCheckConfig)) -> QuicListenerConfig {
        let mut check = HealthCheckConfig::default();
        change(&mut check);
        QuicListenerConfig { health_check: Value::Known(check), ..self.new_listener() }
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

#[test]
fn words_that_the_platform_does_not_know_are_refused_with_those_it_knows() {
    let world = Sandbox::start();
    let complete = |kind: &str, argument: &str| {
        let mut arguments = vec![argument.to_owned()];
        let rest: &[&str] = match kind {
            "clb_load_balancer" => &["network_type = \"public\""],
            "clb_quic_listener" => {
                &["load_balancer_id = \"lb-00000000\"", "port = 443", "tls = { certificate_id = \"abcdEFGH\" }"]
            }
            "clb_security_group" => &["name = \"web\""],
            _ => &["certificate = file(\"server.pem\")", "private_key_wo = file(\"server.key\")"],
        };
        let is_said = |other: &&&str| argument.split(" = ").next() != other.split(" = ").next();
        arguments.extend(rest.iter().filter(is_said).map(|other| (*other).to_owned()));
        arguments.join("\n  ")
    };
    let blocks = WORDS.iter().enumerate().map(|(number, (_, wrong, _))| {
        let (kind, argument) = wrong.split_once(' ').unwrap();
        format!("resource \"{kind}\" \"r{number}\" {{\n  {}\n}}\n", complete(kind, argument))
    });
    let configuration = REQUIRED_PROVIDERS.to_owned() + &blocks.collect::<Vec<_>>().concat();
    world.terraform.write("main.tf", &configuration);
    let said = world.terraform.run(&["validate", "-no-color"]);
    assert_ne!(said.code, 0);
    let said = said.sentence();
    for (number, (rules, wrong, attribute)) in WORDS.iter().enumerate() {
        let kind = wrong.split(' ').next().unwrap();
        let block = format!("in resource \"{kind}\" \"r{number}\"");
        let at = said.find(&block).unwrap_or_else(|| panic!("{rules:?}: nothing is said of {wrong}:\n{said}"));
        let end = said[at..].find("Error:").map_or(said.len(), |end| at + end);
        assert!(said[at..end].contains(attribute), "{rules:?}: {attribute} is not named: {}", &said[at..end]);
    }
}

/// Puts a number into both forms of a health check.
type Put = fn(&mut HealthCheckConfig, &mut clb::HealthCheck, u16);

/// Calls the platform and waits for the task; whether it took the call.
async fn is_taken<A: Call<Reply = Accepted>>(client: &Client, action: &A) -> bool {
    match client.call(action).await {
        Ok(answered) => client.wait_for(&answered.request_id, Wait::default()).await.is_ok(),
        Err(error) => {
            assert!(error.api().is_some(), "{error}");
            false
        }
    }
}

/// At and beside each bound the provider and the platform say the same.
#[test]
fn validation_draws_the_line_where_the_platform_draws_it() {
    let world = Sandbox::start();
    world.block_on(async {
        let stage = Stage::set(&world).await;
        let mut config = ClientConfig::new("ap-guangzhou", world.secret_id(), world.secret_key());
        config.endpoint = Some(world.endpoint());
        let client = Client::new(config).unwrap();
        let mut rows: Vec<(String, bool, bool)> = Vec::new();

        let ours = |config: &QuicListenerConfig| !stage.core.resource::<QuicListener>().validate(config).has_errors();
        let modify = || clb::ModifyListener {
            load_balancer_id: stage.balancer.clone(),
            listener_id: stage.listener.clone(),
            ..clb::ModifyListener::default()
        };
        let check = || clb::HealthCheck {
            time_out: Some(2),
            interval_time: Some(300),
            check_type: Some("HTTP".to_owned()),
            http_check_domain: Some("a.test".to_owned()),
            ..clb::HealthCheck::default()
        };
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
                let mut theirs = check();
                let config = stage.checked(|ours| {
                    (ours.timeout, ours.interval) = (Value::Known(2), Value::Known(300));
                    (ours.r#type, ours.http_domain) = (Value::Known(CheckType::Http), text("a.test"));
                    put(ours, &mut theirs, *value);
                });
                let request = clb::ModifyListener { health_check: Some(theirs), ..modify() };
                rows.push((format!("{attribute} = {value}"), ours(&config), is_taken(&client, &request).await));
            }
        }
        let texts = ["", "/", "up", "/a b", "/é"].map(str::to_owned);
        for path in texts.into_iter().chain([199, 200].map(|length| format!("/{}", "a".repeat(length)))) {
            let config = stage.checked(|ours| {
                (ours.r#type, ours.http_domain) = (Value::Known(CheckType::Http), text("a.test"));
                ours.http_path = text(&path);
            });
            let theirs = clb::HealthCheck { http_check_path: Some(path.clone()), ..check() };
            let request = clb::ModifyListener { health_check: Some(theirs), ..modify() };
            rows.push((format!("http_path = {path:?}"), ours(&config), is_taken(&client, &request).await));
        }
        let texts = ["a", "A", "a_b", "é.test"].map(str::to_owned);
        for domain in texts.into_iter().chain([80, 81].map(|length| "a".repeat(length))) {
            let config = stage.checked(|ours| {
                (ours.r#type, ours.http_domain) = (Value::Known(CheckType::Http), text(&domain));
            });
            let theirs = clb::HealthCheck { http_check_domain: Some(domain.clone()), ..check() };
            let request = clb::ModifyListener { health_check: Some(theirs), ..modify() };
            rows.push((format!("http_domain = {domain:?}"), ours(&config), is_taken(&client, &request).await));
        }
        let names = ["a", "直播", "smile-😀", "a\tb"].map(str::to_owned);
        for name in names.into_iter().chain([80, 81].map(|length| "x".repeat(length))) {
            let config = QuicListenerConfig { name: text(&name), ..stage.new_listener() };
            let request = clb::ModifyListener { listener_name: Some(name.clone()), ..modify() };
            rows.push((format!("listener name = {name:?}"), ours(&config), is_taken(&client, &request).await));
            let config = LoadBalancerConfig { name: text(&name), ..parts::load_balancer() };
            let request = clb::ModifyLoadBalancerAttributes {
                load_balancer_id: stage.balancer.clone(),
                load_balancer_name: Some(name.clone()),
                ..clb::ModifyLoadBalancerAttributes::default()
            };
            let ours = !stage.core.resource::<LoadBalancer>().validate(&config).has_errors();
            rows.push((format!("load balancer name = {name:?}"), ours, client.call(&request).await.is_ok()));
        }
        for port in [0_u16, 1, 1024, 65_535] {
            let config = QuicListenerConfig { port: Value::Known(port), ..stage.new_listener() };
            // Another protocol: ports below 1024 are opened for QUIC by the administrator only.
            let request = clb::CreateListener {
                load_balancer_id: stage.balancer.clone(),
                ports: vec![port.into()],
                protocol: "TCP".to_owned(),
                ..clb::CreateListener::default()
            };
            rows.push((format!("port = {port}"), ours(&config), client.call(&request).await.is_ok()));
        }
        for (port, weight) in [(0, 10), (1, 10), (65_535, 10), (80, 0), (81, 100), (82, 101)] {
            let config = binding(&stage.balancer, &stage.listener, vec![eni("10.0.1.6", port, weight)]);
            let target = clb::BatchTarget {
                listener_id: stage.listener.clone(),
                port: port.into(),
                eni_ip: Some("10.0.1.6".to_owned()),
                weight: Some(weight.into()),
                ..clb::BatchTarget::default()
            };
            let request = clb::BatchRegisterTargets { load_balancer_id: stage.balancer.clone(), targets: vec![target] };
            let ours = !stage.core.resource::<BackendBinding>().validate(&config).has_errors();
            rows.push((format!("backend {port} of weight {weight}"), ours, client.call(&request).await.is_ok()));
        }
        for (name, description) in [(1, 0), (60, 100), (61, 0), (1, 101)] {
            let (name, description) = ("x".repeat(name), "x".repeat(description));
            let mut config = parts::security_group(Vec::new());
            (config.name, config.description) = (text(&name), text(&description));
            let lengths = format!("group of {} and {} characters", name.len(), description.len());
            let request =
                vpc::CreateSecurityGroup { group_name: name, group_description: description, ..Default::default() };
            let ours = !stage.core.resource::<SecurityGroup>().validate(&config).has_errors();
            rows.push((lengths, ours, client.call(&request).await.is_ok()));
        }

        let differ: Vec<_> = rows.iter().filter(|(_, ours, theirs)| ours != theirs).collect();
        assert!(differ.is_empty(), "(row, taken by the provider, taken by the platform): {differ:#?}");
        let (taken, refused) = (rows.iter().filter(|row| row.1).count(), rows.iter().filter(|row| !row.1).count());
        assert!(taken > 20 && refused > 15, "{taken} rows are taken and {refused} refused");
    });
}

#[test]
fn a_plan_warns_of_what_is_allowed_and_seldom_meant() {
    let world = Sandbox::start();
    world.block_on(async {
        let stage = Stage::set(&world).await;
        let drained = binding(&stage.balancer, &stage.listener, vec![eni("10.0.1.6", 80, 0), eni("10.0.1.6", 81, 0)]);
        let plan = stage.core.resource::<BackendBinding>().plan(&drained).await.unwrap();
        assert_eq!(warned(&plan.report), [("backends".to_owned(), true)]);
        let half = binding(&stage.balancer, &stage.listener, vec![eni("10.0.1.6", 80, 0), eni("10.0.1.6", 81, 1)]);
        assert!(stage.core.resource::<BackendBinding>().plan(&half).await.unwrap().report.is_empty());

        // With the defaults a new backend has passed its checks after fifteen seconds.
        let drain = |seconds, wait_for_healthy| BackendBindingConfig {
            drain_timeout: Value::Known(Duration::from_secs(seconds)),
            wait_for_healthy: Value::Known(wait_for_healthy),
            ..half.clone()
        };
        for (seconds, waits, is_warned) in [(10, false, true), (10, true, false), (15, false, false)] {
            let plan = stage.core.resource::<BackendBinding>().plan(&drain(seconds, waits)).await.unwrap();
            let expected: &[(String, bool)] = &[("drain_timeout".to_owned(), true)];
            assert_eq!(warned(&plan.report), if is_warned { expected } else { &[] }, "{seconds} s, {waits}");
        }

        let unchecked = stage.checked(|it| it.enabled = Value::Known(false));
        let plan = stage.core.resource::<QuicListener>().plan(&unchecked).await.unwrap();
        assert_eq!(warned(&plan.report), [("health_check.enabled".to_owned(), true)]);

        for (days, is_warned) in [(-3, true), (10, true), (30, false)] {
            let identity = Identity::server_until(days);
            let config = parts::certificate(&identity);
            let mut certificate = made::<Certificate>(&stage.core, &config).await;
            // With every plan, also when there is nothing to do.
            certificate.refresh().await.unwrap();
            let plan = certificate.plan(&config).await.unwrap();
            let expected: &[(String, bool)] = &[("certificate".to_owned(), true)];
            assert_eq!(warned(&plan.report), if is_warned { expected } else { &[] }, "{days} days");
            let id = parts::certificate_id(&certificate);
            let plan =
                stage.core.resource::<QuicListener>().plan(&listener(&stage.balancer, 10_443, &id)).await.unwrap();
            let expected: &[(String, bool)] = &[("tls.certificate_id".to_owned(), true)];
            assert_eq!(warned(&plan.report), if is_warned { expected } else { &[] }, "{days} days");
        }
    });
}

/// Where a report warns, and whether it says what to do.
fn warned(report: &Report) -> Vec<(String, bool)> {
    assert!(!report.has_errors(), "{report:?}");
    report.diagnostics().iter().map(|found| (found.path.to_string(), found.detail.len() > 40)).collect()
}

fn unknown<T>() -> Value<T> {
    Value::Unknown(Refinements::none())
}

#[test]
fn what_is_not_known_yet_defers_every_check() {
    let world = Sandbox::start();
    world.block_on(async {
        let core = world.core().await;
        let mut on_new = listener("lb-00000000", 8443, "abcdEFGH");
        on_new.load_balancer_id = unknown();
        on_new.tls = Value::Known(TlsConfig { certificate_id: unknown(), ..TlsConfig::default() });
        core.resource::<QuicListener>().plan(&on_new).await.unwrap();
        on_new.tls = unknown();
        on_new.health_check = unknown();
        on_new.port = unknown();
        core.resource::<QuicListener>().plan(&on_new).await.unwrap();
        let mut to_new = binding("lb-00000000", "lbl-00000000", vec![instance("ins-demofar0", 80)]);
        (to_new.load_balancer_id, to_new.listener_id) = (unknown(), unknown());
        core.resource::<BackendBinding>().plan(&to_new).await.unwrap();
        to_new.backends = unknown();
        core.resource::<BackendBinding>().plan(&to_new).await.unwrap();
        let balancer = LoadBalancerConfig {
            vpc_id: unknown(),
            security_group_ids: Value::Known(vec![unknown()]),
            bandwidth: unknown(),
            name: unknown(),
            ..parts::load_balancer()
        };
        core.resource::<LoadBalancer>().plan(&balancer).await.unwrap();
        let group = SecurityRuleConfig { security_group_id: unknown(), cidr: Value::Null, ..accept("::/0") };
        core.resource::<SecurityGroup>().plan(&parts::security_group(vec![group])).await.unwrap();
    });
}
