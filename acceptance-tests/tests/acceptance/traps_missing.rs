//! Traps of what is gone: an object that somebody else deleted is forgotten, created anew or told of, and nothing panics.

use clb_acceptance_tests::parts::{self, Parts, made};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_cloud_api::{Action as Call, Client, Wait, clb, ssl, vpc};
use clb_provider::resources::{Certificate, LoadBalancer, QuicListener, SecurityGroup};
use clb_simulator::generated::clbsim::Fault;
use tfplugin_sdk::Resource;
use tfplugin_sdk::testing::{Core, Instance};

/// Carries out a call behind the back of Terraform, its task too if it has one.
async fn cloud<A: Call>(client: &Client, action: &A) {
    let answered = client.call(action).await.unwrap();
    // What is no task is known as one that is done.
    if A::SERVICE == clb_cloud_api::Service::Clb {
        client.wait_for(&answered.request_id, Wait::default()).await.unwrap();
    }
}

/// Deletes everything that the parts are.
async fn delete_all(client: &Client, parts: &Parts) {
    let (balancer, _, certificate) = parts.ids();
    cloud(client, &clb::DeleteLoadBalancer { load_balancer_ids: vec![balancer], force_delete: None }).await;
    cloud(client, &ssl::DeleteCertificate { certificate_id: certificate, is_check_resource: None }).await;
    let group = parts::security_group_id(&parts.security_group);
    cloud(client, &vpc::DeleteSecurityGroup { security_group_id: group }).await;
}

#[test]
fn what_is_gone_can_be_destroyed_without_a_refresh() {
    let world = Sandbox::start();
    let client = world.cloud_client();
    world.block_on(async {
        let mut parts = Parts::make(&world.core().await, &world.server).await;
        delete_all(&client, &parts).await;
        Box::pin(parts.binding.destroy()).await.unwrap();
        Box::pin(parts.listener.destroy()).await.unwrap();
        Box::pin(parts.certificate.destroy()).await.unwrap();
        Box::pin(parts.load_balancer.destroy()).await.unwrap();
        Box::pin(parts.security_group.destroy()).await.unwrap();
    });
}

#[test]
fn a_binding_of_a_listener_that_is_gone_can_be_destroyed_without_a_refresh() {
    let world = Sandbox::start();
    let client = world.cloud_client();
    world.block_on(async {
        let mut parts = Parts::make(&world.core().await, &world.server).await;
        let (load_balancer_id, listener_id, _) = parts.ids();
        cloud(&client, &clb::DeleteListener { load_balancer_id, listener_id }).await;
        Box::pin(parts.binding.destroy()).await.unwrap();
        Box::pin(parts.listener.destroy()).await.unwrap();
    });
}

#[test]
fn what_is_gone_leaves_the_state_and_is_planned_anew() {
    let world = Sandbox::start();
    let client = world.cloud_client();
    world.block_on(async {
        let parts = Parts::make(&world.core().await, &world.server).await;
        delete_all(&client, &parts).await;
        // As another command: nothing is remembered.
        let core = world.core().await;
        assert!(is_gone(&core, parts.binding).await, "the binding");
        assert!(is_gone(&core, parts.listener).await, "the listener");
        assert!(is_gone(&core, parts.certificate).await, "the certificate");
        assert!(is_gone(&core, parts.load_balancer).await, "the load balancer");
        assert!(is_gone(&core, parts.security_group).await, "the security group");
    });
}

async fn is_gone<R: Resource>(core: &Core, instance: Instance<R>) -> bool {
    let mut instance = instance.in_process_of(core);
    instance.refresh().await.unwrap();
    instance.stored().is_null()
}

#[test]
fn a_change_of_what_is_gone_says_so() {
    let world = Sandbox::start();
    let client = world.cloud_client();
    world.block_on(async {
        let mut parts = Parts::make(&world.core().await, &world.server).await;
        let (balancer, listener, certificate) = parts.ids();
        delete_all(&client, &parts).await;
        let mut renamed = parts::load_balancer();
        renamed.name = parts::text("renamed");
        let mut group = parts::security_group(vec![parts::accept("10.0.0.0/8")]);
        group.name = parts::text("renamed");
        let mut uploaded = parts::certificate(&world.server);
        uploaded.name = parts::text("renamed");
        let mut changed = parts::listener(&balancer, 8443, &certificate);
        changed.name = parts::text("renamed");
        let weights = parts::binding(&balancer, &listener, vec![parts::eni("10.0.1.5", 8080, 20)]);
        let said = [
            Box::pin(parts.load_balancer.apply(&renamed)).await.unwrap_err(),
            Box::pin(parts.security_group.apply(&group)).await.unwrap_err(),
            Box::pin(parts.certificate.apply(&uploaded)).await.unwrap_err(),
            Box::pin(parts.listener.apply(&changed)).await.unwrap_err(),
            Box::pin(parts.binding.apply(&weights)).await.unwrap_err(),
        ];
        for report in said {
            let found = &report.diagnostics()[0];
            assert!(found.summary.contains("does not exist"), "{report:?}");
            assert!(found.detail.contains("lan and apply again") || found.detail.contains("no listener"), "{report:?}");
        }
    });
}

#[test]
fn a_code_for_absence_means_the_same_as_an_empty_list() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let core = world.core().await;
        for (action, code) in [
            ("DescribeLoadBalancers", "InvalidParameter.LBIdNotFound"),
            ("DescribeListeners", "InvalidParameter.LBIdNotFound"),
            ("DescribeCertificateDetail", "FailedOperation.CertificateNotFound"),
            ("DescribeSecurityGroups", "ResourceNotFound"),
        ] {
            let balancer = made::<LoadBalancer>(&core, &parts::load_balancer()).await;
            let certificate = made::<Certificate>(&core, &parts::certificate(&world.server)).await;
            let ids = (parts::load_balancer_id(&balancer), parts::certificate_id(&certificate));
            let listener = made::<QuicListener>(&core, &parts::listener(&ids.0, 8443, &ids.1)).await;
            let group = made::<SecurityGroup>(&core, &parts::security_group(Vec::new())).await;
            let absent = Fault { action: action.to_owned(), code: code.to_owned(), ..Fault::default() };
            levers.add_fault(absent).await;
            // As another command: nothing is remembered.
            let core = world.core().await;
            let (mut balancer, mut certificate) = (balancer.in_process_of(&core), certificate.in_process_of(&core));
            let (mut listener, mut group) = (listener.in_process_of(&core), group.in_process_of(&core));
            balancer.refresh().await.unwrap();
            certificate.refresh().await.unwrap();
            listener.refresh().await.unwrap();
            group.refresh().await.unwrap();
            let gone = [
                ("DescribeLoadBalancers", balancer.stored().is_null()),
                ("DescribeCertificateDetail", certificate.stored().is_null()),
                ("DescribeListeners", listener.stored().is_null()),
                ("DescribeSecurityGroups", group.stored().is_null()),
            ];
            for (read, gone) in gone {
                assert_eq!(gone, read == action, "{action} says that it is not there; read with {read}");
            }
            levers.clear_faults().await;
        }
    });
}
