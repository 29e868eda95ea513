//! What must never be seen: private keys and the secret key, in the state, in a plan, in any log.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::Service;

/// A line from the middle of a PEM text: long enough to be found nowhere by chance.
fn line_of(pem: &str) -> &str {
    pem.lines().find(|line| !line.starts_with("-----")).unwrap()
}

#[test]
fn a_private_key_is_in_no_state_no_plan_and_no_log() {
    // As a process of its own, so that the provider's log is in Terraform's.
    let mut world = Sandbox::start_packaged(&Service::new().hcl());
    world.terraform.set_environment("TF_LOG", "trace");
    let plan = world.terraform.plan(&Service::new().hcl());
    let applied = world.terraform.apply(&Service::new().hcl());
    let state = world.terraform.state_file();
    let destroyed = world.terraform.destroy();

    assert!(applied.text().contains("CreateListener"), "the provider's log is not in Terraform's log");
    let key = line_of(&world.server.private_key_pem);
    for (place, text) in
        [("plan", plan.json()), ("state", state), ("log", applied.text()), ("log of the destroy", destroyed.text())]
    {
        assert!(!text.contains(key), "the private key is in the {place}");
        assert!(!text.contains(world.secret_key()), "the secret key is in the {place}");
        assert!(!text.contains("Signature="), "a signature is in the {place}");
    }
}
