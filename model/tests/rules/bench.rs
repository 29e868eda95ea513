//! A world to try things on: an account with a network, certificates, and a pool of addresses. Everything that is asked
//! is applied by the data plane at once, unless a test says otherwise.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use clb_model::address_range::AddressRange;
use clb_model::binding::{TargetDraft, TargetsDraft};
use clb_model::certificate::{CertificateDraft, CertificateFacts, KeyReading, Uploaded};
use clb_model::chance::Chance;
use clb_model::forwarding::{Forwarding, Observation};
use clb_model::id::ListenerId;
use clb_model::listener::{CertificateChoice, ListenerChange, ListenerDraft, TlsDraft};
use clb_model::load_balancer::{Kind, LoadBalancer, LoadBalancerDraft, Placement};
use clb_model::network::{Instance, Subnet, Vpc};
use clb_model::refusal::Refusal;
use clb_model::region::Region;
use clb_model::rules::Rule;
use clb_model::security_group::SecurityGroup;
use clb_model::tag::Tags;
use clb_model::task::{Moment, Occasion, Pace, Step, TaskId};
use clb_model::time::Timestamp;
use clb_model::vip_pool::VipPool;
use clb_model::world::{Account, QuicAdmission, World};

pub const REGION: &str = "ap-guangzhou";
pub const CLASSIC: &str = "lb-classic0";
pub const BASIC: &str = "lb-basic000";
pub const BLUE: &str = "ins-blue0000";
pub const GREEN: &str = "ins-green000";
pub const FAR: &str = "ins-far00000";

pub struct Bench {
    pub world: World,
    pub vips: VipPool,
    chance: Chance,
    generation: u64,
    /// Whether what is asked is applied at once.
    pub applies: bool,
    /// How long tasks take.
    pub pace: Pace,
    /// The message that tasks fail with.
    pub fails_with: Option<String>,
}

impl Bench {
    pub fn new() -> Self {
        Self::of(QuicAdmission::Admitted)
    }

    pub fn of(quic: QuicAdmission) -> Self {
        let now = Timestamp::default();
        let mut vips = VipPool::new(Ipv4Addr::new(127, 80, 0, 0), 16);
        let mut region = Region::new(REGION);
        for (vpc, subnet, net, default) in
            [("vpc-00000001", "subnet-00000001", 0, true), ("vpc-00000002", "subnet-00000002", 1, false)]
        {
            let vpc_range = AddressRange::ipv4([10, net, 0, 0], 16);
            region.network.add_vpc(Vpc { is_default: default, ..Vpc::new(vpc.into(), vpc, vpc_range, now) });
            region.network.add_subnet(Subnet {
                id: subnet.into(),
                vpc_id: vpc.into(),
                name: subnet.into(),
                cidr: AddressRange::ipv4([10, net, 1, 0], 24),
                zone: "ap-guangzhou-3".into(),
                broadcast: false,
                created_at: now,
            });
        }
        for (id, vpc, net, host) in
            [(BLUE, "vpc-00000001", 0, 5), (GREEN, "vpc-00000001", 0, 6), (FAR, "vpc-00000002", 1, 5)]
        {
            region.network.add_instance(Instance {
                id: id.into(),
                name: id.into(),
                vpc_id: vpc.into(),
                subnet_id: "subnet-00000001".into(),
                zone: "ap-guangzhou-3".into(),
                primary_ip: IpAddr::from([10, net, 1, host]),
                security_groups: Vec::new(),
                created_at: now,
            });
        }
        for number in 0..8 {
            let id = format!("sg-0000000{number}").into();
            region.add_security_group(SecurityGroup::new(id, "group", "", now));
        }
        let vpc = Placement::Vpc { vpc_id: "vpc-00000001".into(), subnet_id: None };
        for (id, kind, placement) in [(CLASSIC, Kind::Classic, vpc), (BASIC, Kind::Current, Placement::Basic)] {
            let vip = vips.take_last().expect("a large pool");
            region.add_load_balancer(LoadBalancer::fixture(id.into(), id, kind, placement, vip, now));
        }
        let mut world = World::new(Account { uin: "1".into(), quic });
        world.add_region(region);
        Self {
            world,
            vips,
            chance: Chance::seeded(1),
            generation: 0,
            applies: true,
            pace: Pace::AtOnce,
            fails_with: None,
        }
    }

    /// Asks for a change.
    pub fn ask<T>(
        &mut self,
        change: impl FnOnce(&mut World, &mut Occasion<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut occasion = Occasion {
            now: Timestamp::from_unix_millis(self.generation * 1000),
            generation: self.generation + 1,
            task_id: TaskId::from(format!("task-{}", self.generation + 1)),
            pace: self.pace,
            fails_with: self.fails_with.clone(),
            chance: &mut self.chance,
            vips: &mut self.vips,
        };
        // A copy shares everything until it changes.
        let before = self.world.clone();
        let done = self.world.write(&mut occasion, change);
        if done.is_err() {
            assert_eq!(self.world.changes_since(&before), [], "a refusal changes nothing");
        }
        drop(before);
        if done.is_ok() {
            self.generation += 1;
            if self.applies {
                self.apply(BTreeMap::new());
            }
        }
        assert_eq!(self.world.broken_invariants(&self.vips), Vec::<String>::new());
        done
    }

    /// Asks for a change that a rule refuses, and that leaves everything as it was.
    pub fn refused<T: std::fmt::Debug>(
        &mut self,
        change: impl FnOnce(&mut World, &mut Occasion<'_>) -> Result<T, Refusal>,
    ) -> Rule {
        let before = format!("{:?} {:?}", self.world, self.vips_taken());
        let rule = self.ask(change).expect_err("refused").rule;
        assert_eq!(format!("{:?} {:?}", self.world, self.vips_taken()), before, "a refusal changes nothing");
        rule
    }

    fn vips_taken(&self) -> usize {
        (0..=255).filter(|last| self.vips.is_taken(Ipv4Addr::new(127, 80, 0, *last))).count()
    }

    /// The id of the newest task.
    pub fn newest_task(&self) -> String {
        format!("task-{}", self.generation)
    }

    /// The data plane has put the newest table into effect, but for those listeners.
    pub fn apply(&mut self, failed: BTreeMap<ListenerId, String>) -> bool {
        self.observe(&Observation::Applied { generation: self.generation, failed })
    }

    /// The data plane reports something; says whether something else should be forwarding now.
    pub fn observe(&mut self, observation: &Observation) -> bool {
        let now = self.now();
        self.world.observe(observation, &mut Moment { now, vips: &mut self.vips }).forwarding
    }

    /// Each accepted write takes a second.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.generation * 1000)
    }

    /// It is so much later.
    pub fn pass(&mut self, time: Duration) -> Step {
        let now = self.now().after(time);
        self.world.pass_time(&mut Moment { now, vips: &mut self.vips })
    }

    pub fn region(&self) -> &Region {
        self.world.region(REGION).expect("the bench's region")
    }

    /// What should be forwarding for a listener.
    pub fn forwarding(&self, listener: &str) -> Option<Forwarding> {
        self.world.forwardings().find(|(id, _)| id.as_str() == listener).map(|(_, forwarding)| forwarding)
    }

    pub fn create_load_balancer(&mut self, draft: &LoadBalancerDraft) -> String {
        let order = self.ask(|world, occasion| world.create_load_balancers(REGION, draft, occasion)).expect("valid");
        order.load_balancers[0].to_string()
    }

    pub fn load_balancer(&mut self) -> String {
        self.create_load_balancer(&public())
    }

    pub fn certificate(&mut self, purpose: &str) -> String {
        let draft = certificate(purpose);
        match self.ask(|world, occasion| world.create_certificate(&draft, occasion)).expect("valid") {
            Uploaded::New(id) | Uploaded::Repeated(id) => id.to_string(),
        }
    }

    pub fn create_listeners(&mut self, draft: &ListenerDraft) -> Vec<String> {
        let ids = self.ask(|world, occasion| world.create_listeners(REGION, draft, occasion)).expect("valid");
        ids.iter().map(ToString::to_string).collect()
    }

    /// A load balancer, and a draft of a valid listener on port 443 of it.
    pub fn with_listener_draft(&mut self) -> ListenerDraft {
        let load_balancer = self.load_balancer();
        let certificate = self.certificate("SVR");
        listener(&load_balancer, &certificate)
    }

    /// A load balancer with a listener on port 443.
    pub fn with_listener(&mut self) -> (String, String) {
        let draft = self.with_listener_draft();
        let ids = self.create_listeners(&draft);
        (draft.load_balancer_id, ids[0].clone())
    }

    /// The same with blue and green bound at port 80.
    pub fn with_bindings(&mut self) -> (String, String) {
        let (load_balancer, listener) = self.with_listener();
        let draft = targets(&load_balancer, &listener, vec![instance(BLUE, 80), instance(GREEN, 80)]);
        self.ask(|world, occasion| world.create_bindings(REGION, &draft, occasion)).expect("valid");
        (load_balancer, listener)
    }

    /// Host and weight of what is bound to a listener.
    pub fn bound(&self, listener: &str) -> Vec<(String, u8)> {
        let forwarding = self.forwarding(listener).expect("the listener forwards");
        forwarding.backends.iter().map(|backend| (backend.address.to_string(), backend.weight)).collect()
    }
}

pub fn public() -> LoadBalancerDraft {
    LoadBalancerDraft { exposure: "OPEN".into(), ..LoadBalancerDraft::default() }
}

pub fn certificate(purpose: &str) -> CertificateDraft {
    CertificateDraft {
        purpose: Some(purpose.into()),
        alias: None,
        pem: Arc::from(format!("pem of a {purpose}")),
        reading: Ok(CertificateFacts {
            is_ca: purpose == "CA",
            fingerprint: purpose.into(),
            ..CertificateFacts::default()
        }),
        key: KeyReading::Fits(Arc::from("key")),
        repeatable: true,
        project_id: 0,
        tags: Tags::default(),
    }
}

pub fn one_way(certificate: &str) -> TlsDraft {
    TlsDraft { server: Some(CertificateChoice::Known(certificate.into())), ..TlsDraft::default() }
}

pub fn listener(load_balancer: &str, certificate: &str) -> ListenerDraft {
    ListenerDraft {
        load_balancer_id: load_balancer.into(),
        protocol: "QUIC".into(),
        ports: vec![443],
        names: Vec::new(),
        settings: ListenerChange { tls: Some(one_way(certificate)), ..ListenerChange::default() },
    }
}

pub fn instance(id: &str, port: i64) -> TargetDraft {
    TargetDraft { instance_id: Some(id.into()), port, ..TargetDraft::default() }
}

pub fn address(ip: &str, port: i64) -> TargetDraft {
    TargetDraft { eni_ip: Some(ip.into()), port, ..TargetDraft::default() }
}

pub fn targets(load_balancer: &str, listener: &str, targets: Vec<TargetDraft>) -> TargetsDraft {
    TargetsDraft { load_balancer_id: load_balancer.into(), listener_id: listener.into(), location: None, targets }
}
