//! The provider as users get it: a program of its own, found by `terraform init` in a filesystem mirror, or in the
//! folder it was built into.

use clb_acceptance_tests::packaged;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, LISTENER, Service};
use clb_acceptance_tests::terraform::Terraform;

#[test]
fn a_packaged_provider_installs_applies_changes_and_destroys() {
    let service = Service::new();
    let world = Sandbox::start_packaged(&service.hcl());
    let (blue, green) = (world.backend("blue"), world.backend("green"));

    world.terraform.apply(&service.clone().backend(&blue, 30).backend(&green, 10).hcl());
    let other = service.backend(&blue, 10).backend(&green, 30).hcl();
    assert_eq!(world.terraform.plan(&other).actions(BINDING), ["update"]);
    world.terraform.apply(&other);
    world.send(4);

    assert_eq!((blue.served().len(), green.served().len()), (1, 3));
    let address = world.address();
    world.terraform.destroy();
    std::net::UdpSocket::bind(address).unwrap();
}

#[test]
fn the_schema_is_told_through_a_packaged_provider() {
    let world = Sandbox::start_packaged(&Service::new().hcl());
    let said = world.terraform.must(&["providers", "schema", "-json"]).output;
    super::expect_words(
        &said,
        &["clb_load_balancer", "clb_certificate", "clb_quic_listener", "clb_backend_binding", "\"write_only\":true"],
    );
}

#[test]
fn a_built_provider_overrides_what_is_installed() {
    let service = Service::new();
    let world = Sandbox::start_installed(Terraform::new(Vec::new()), &service.hcl(), packaged::override_installed);
    // Nothing was initialised.
    let plan = world.terraform.plan(&service.hcl());
    assert_eq!(plan.actions(LISTENER), ["create"]);
}

#[test]
fn opentofu_applies_changes_and_destroys() {
    let Some(tofu) = Terraform::opentofu() else {
        eprintln!("skipped: there is no `tofu` on the PATH");
        return;
    };
    let service = Service::new();
    let world = Sandbox::start_installed(tofu, &service.hcl(), |tofu| {
        packaged::install_mirror(tofu, &packaged::programs().join("terraform-provider-clb"));
        tofu.must(&["init", "-no-color"]);
    });
    let backend = world.backend("blue");
    world.terraform.apply(&service.clone().backend(&backend, 30).hcl());
    world.send(1);
    let other = service.backend(&backend, 10).hcl();
    assert_eq!(world.terraform.plan(&other).actions(BINDING), ["update"]);
    world.terraform.apply(&other);
    world.terraform.destroy();
}
