//! Steps on listeners.

use clb_model::health::HealthCheckDraft;
use clb_model::listener::{CertificateChoice, ListenerChange, RunningDraft, TlsDraft};

use super::Walk;
use super::bench::{REGION, listener};

impl Walk {
    pub fn create_listener(&mut self) -> &'static str {
        let (load_balancer, certificate) = (self.any_load_balancer(), self.any_server_certificate());
        let mut draft = listener(&load_balancer, &certificate);
        let port = 440 + i64::try_from(self.chance.below(40)).expect("small");
        draft.ports = self.pick(&[vec![port], vec![port], vec![port, port + 1], vec![port, port], vec![0]]);
        if self.chance.below(20) == 0 {
            draft.ports = (1..=20).collect();
        }
        draft.protocol = self.pick(&["QUIC", "QUIC", "QUIC", "TCP", "UDP", "TCP_SSL", "HTTP"]).into();
        if self.chance.below(5) > 0 && matches!(draft.protocol.as_str(), "TCP" | "UDP") {
            draft.settings.tls = None;
        }
        let settings = &mut draft.settings;
        match self.chance.below(12) {
            0 => settings.of_protocol.session_expire_time = Some(30),
            1 => settings.of_protocol.session_type = Some("QUIC_CID".into()),
            2 => settings.scheduler = Some("LEAST_CONN".into()),
            3 => settings.max_connections = Some(5),
            4 => settings.health_check.interval = Some(3),
            5 => settings.proxy_protocol = Some(true),
            6 => settings.snat = Some(true),
            7 => settings.health_check.switch = Some(0),
            _ => {}
        }
        self.asked("create listeners", |world, occasion| world.create_listeners(REGION, &draft, occasion))
    }

    pub fn modify_listener(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let tls = TlsDraft {
            mode: self.pick(&[None, Some("MUTUAL".into()), Some("UNIDIRECTIONAL".into())]),
            server: self.pick(&[None, Some(())]).map(|()| CertificateChoice::Known(self.any_server_certificate())),
            client_ca: self.pick(&[None, Some(())]).map(|()| CertificateChoice::Known(self.any_certificate())),
            ..TlsDraft::default()
        };
        let change = ListenerChange {
            tls: self.pick(&[None, None, Some(tls)]),
            scheduler: self.pick(&[None, None, Some("LEAST_CONN".into())]),
            snat: self.pick(&[None, None, Some(false)]),
            health_check: HealthCheckDraft {
                check_type: self.pick(&[None, None, None, Some("TCP".into()), Some("PING".into())]),
                switch: self.pick(&[None, Some(0), Some(1)]),
                timeout: self.pick(&[None, None, Some(2), Some(60)]),
                interval: self.pick(&[None, Some(5), Some(61)]),
                ..HealthCheckDraft::default()
            },
            ..ListenerChange::default()
        };
        self.asked("modify a listener", |world, occasion| {
            world.modify_listener(REGION, &load_balancer, &id, &change, occasion)
        })
    }

    pub fn delete_or_stop_listeners(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let ids = self.pick(&[Vec::new(), vec![id.clone()], vec![id.clone(), "lbl-99999999".into()]]);
        let operation = self.pick(&["Start", "Stop", "Stop", "x"]);
        let running = RunningDraft {
            operation: operation.into(),
            load_balancer_id: load_balancer.clone(),
            listener_ids: ids.clone(),
        };
        match self.chance.below(6) {
            0 | 1 => self.asked("delete a listener", |world, occasion| {
                world.delete_listener(REGION, &load_balancer, &id, occasion)
            }),
            2 => self.asked("delete listeners", |world, occasion| {
                world.delete_listeners(REGION, &load_balancer, &ids, occasion)
            }),
            _ => self.asked("stop or start listeners", |world, o| world.set_listeners_running(REGION, &running, o)),
        }
    }
}
