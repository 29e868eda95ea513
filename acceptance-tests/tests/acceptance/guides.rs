//! The guides: what they tell people to type is typed here, block by block.

use clb_acceptance_tests::packaged;
use clb_acceptance_tests::project_root;
use clb_acceptance_tests::sandbox::{Sandbox, own_network};
use clb_acceptance_tests::service::{CERTIFICATE, LISTENER, REQUIRED_PROVIDERS, Service};
use clb_acceptance_tests::terraform::{Outcome, Terraform};

/// The blocks of a guide in one language.
fn blocks(guide: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(project_root().join("docs/guides").join(guide)).unwrap();
    let fence = format!("\n```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect()
}

/// The only block of a guide that has these words.
#[track_caller]
fn block(guide: &str, language: &str, words: &str) -> String {
    let mut found: Vec<_> = blocks(guide, language).into_iter().filter(|block| block.contains(words)).collect();
    assert_eq!(found.len(), 1, "blocks of {guide} with {words:?}");
    found.remove(0)
}

/// Types it in the folder of this Terraform, where nobody answers questions, and gives what is said. What it leaves in the
/// background ends with it, and a simulator gets ports and addresses that no other test uses.
#[track_caller]
fn run(terraform: &Terraform, script: &str) -> Outcome {
    let serve = format!("clb-simulator serve --vip-pool {} --api 127.0.0.1:0 --admin 127.0.0.1:0", own_network());
    let script = script
        .replace(" --api 127.0.0.1:0 --admin 127.0.0.1:0", "")
        .replace("clb-simulator serve", &serve)
        .replace(" &\n", " & echo $! >> \"$HOME/started\"\n");
    let settings = "export TF_CLI_ARGS=-no-color TF_CLI_ARGS_apply=-auto-approve TF_CLI_ARGS_destroy=-auto-approve\n\
                    touch \"$HOME/started\"; trap 'kill $(cat \"$HOME/started\") 2>/dev/null || true' EXIT\n";
    let outcome = terraform.shell(&format!("{settings}{script}"), &packaged::programs());
    assert_eq!(outcome.code, 0, "{script}\n{}", outcome.text());
    outcome
}

/// A world whose folder is that of the module in examples/.
fn module() -> Sandbox {
    let world = Sandbox::start_packaged(REQUIRED_PROVIDERS);
    world.terraform.copy_from(&project_root().join("examples/modules/quic-service"));
    world.terraform.must(&["init", "-no-color"]);
    world
}

#[test]
fn a_module_is_tested_with_a_mock_and_against_a_simulator_as_the_guide_says() {
    let world = module();
    let guide = "testing-modules.md";
    for (words, passed) in [
        ("tests/plan", "tests/plan.tftest.hcl... pass"),
        ("exec -- terraform test", "tests/apply.tftest.hcl... pass"),
        ("serve", "tests/apply.tftest.hcl... pass"),
    ] {
        let said = run(&world.terraform, &block(guide, "shell", words)).output;
        super::expect_words(&said, &[passed, " 0 failed."]);
    }
    // The guide's own tests; the second one is written as a continuation of the first.
    let [with_mock, compared] = blocks(guide, "terraform").try_into().unwrap();
    let variables = with_mock.split("\n\n").nth(1).unwrap();
    world.terraform.write("tests/mock.tftest.hcl", &with_mock);
    world.terraform.write("tests/compared.tftest.hcl", &format!("provider \"clb\" {{}}\n{variables}\n{compared}"));
    let suites = ["mock", "compared"].map(|suite| format!("-filter=tests/{suite}.tftest.hcl")).join(" ");
    let said = run(&world.terraform, &format!("clb-simulator exec -- terraform test {suites}")).output;
    super::expect_words(&said, &["run \"other_weights\"... pass", "3 passed, 0 failed."]);
}

#[test]
fn a_module_is_given_traffic_as_the_guide_says() {
    let world = Sandbox::start_packaged(REQUIRED_PROVIDERS);
    world.terraform.copy_below("quic-service", &project_root().join("examples/modules/quic-service"));
    let call = "module \"web\" {\n  source = \"./quic-service\"\n  name = \"web\"\n  vpc_id = \"vpc-demo0001\"\n  \
                certificate_pem = file(\"server.pem\")\n  private_key_pem = file(\"server.key\")\n  \
                health_check = { interval = 3, timeout = 2, healthy_threshold = 2 }\n  \
                pools = { blue = [{ address = \"10.0.1.5\" }] }\n}\n\
                output \"address\" { value = module.web.address }\n";
    world.terraform.write("main.tf", &format!("{REQUIRED_PROVIDERS}{call}"));
    world.terraform.must(&["init", "-no-color"]);
    let said = run(&world.terraform, &block("testing-modules.md", "shell", "client")).output;
    super::expect_words(&said, &["address = \"203.0.113.1:443\"", "\nblue ", "Destroy complete!"]);
}

#[test]
fn the_first_guide_leads_from_nothing_to_traffic_on_other_weights() {
    let terraform = Terraform::new(Vec::new());
    terraform.copy_below("examples/quic-listener", &project_root().join("examples/quic-listener"));
    std::fs::create_dir(terraform.folder().join("target")).unwrap();
    std::os::unix::fs::symlink(packaged::programs(), terraform.folder().join("target/debug")).unwrap();
    let mut typed = blocks("getting-started-on-the-simulator.md", "shell");
    // The programs are built.
    assert_eq!(typed.remove(0), "cargo build --bins");
    let said = run(&terraform, &typed.join("\n")).output;
    super::expect_words(&said, &["Resources: 4 added", "0 added, 1 changed, 0 destroyed", "Resources: 4 destroyed"]);
    let (first, second) = said.split_once("1 changed").unwrap();
    super::expect_words(first, &["\nblue ", "\ngreen "]);
    assert!(second.contains("\ngreen ") && !second.contains("\nblue "), "{second}");
}

#[test]
fn the_archive_of_a_release_holds_its_sums_and_installs_as_the_guide_says() {
    let guide = "installing.md";
    let programs = packaged::programs();
    let service = Service::new();
    let requirement = block(guide, "terraform", "required_providers") + "\n";
    let configuration = service.hcl().replace(REQUIRED_PROVIDERS, &requirement);
    let world = Sandbox::start_installed(Terraform::new(Vec::new()), &configuration, |terraform| {
        let dist = format!("xtask dist --programs {} --out target/dist", programs.display());
        let typed = blocks(guide, "shell").join("\n").replace("cargo xtask dist", &dist);
        let said = run(terraform, &typed).output;
        super::expect_words(&said, &[".zip: OK", "_manifest.json: OK", "Installed quic-clb/clb v"]);
    });
    let release = world.terraform.folder().join("target/dist");
    let version = env!("CARGO_PKG_VERSION");
    let manifest = std::fs::read_to_string(release.join(format!("terraform-provider-clb_{version}_manifest.json")));
    assert!(manifest.unwrap().contains("\"protocol_versions\": [\"6.0\"]"));
    // What the example of a workflow fetches.
    let workflow = block("running-in-ci.md", "yaml", "jobs:");
    super::expect_words(&workflow, &[&format!("CLB_VERSION: {version}"), "clb-simulator_${CLB_VERSION}_SHA256SUMS"]);
    assert!(release.join(format!("clb-simulator_{version}_SHA256SUMS")).is_file());

    world.terraform.apply(&configuration);
    assert!(world.client().connect(world.address()).is_ok());
}

#[test]
fn a_job_applies_plans_empty_and_destroys_as_the_guide_says() {
    let guide = "running-in-ci.md";
    let world = module();
    let said = run(&world.terraform, &block(guide, "shell", "exec -- terraform test")).output;
    super::expect_words(&said, &["20 passed, 0 failed."]);

    let world = Sandbox::start_packaged(REQUIRED_PROVIDERS);
    world.terraform.copy_from(&project_root().join("examples/quic-listener"));
    world.terraform.write("terraform.tfvars", "certificate_file = \"server.pem\"\nprivate_key_file = \"server.key\"\n");
    world.terraform.must(&["init", "-no-color"]);
    let said = run(&world.terraform, &block(guide, "shell", "detailed-exitcode")).output;
    super::expect_words(&said, &["4 added", "No changes.", "4 destroyed"]);
}

#[test]
fn a_certificate_is_rotated_as_the_guide_says() {
    let guide = "certificates-and-rotation.md";
    let world = Sandbox::start();
    let certificate = block(guide, "terraform", "create_before_destroy");
    let check = block(guide, "terraform", "check \"certificate\"");
    let service = Service::new().hcl();
    let (before, after) = service.split_once("resource \"clb_certificate\"").unwrap();
    let (_, after) = after.split_once("\n}\n").unwrap();
    let key = "export TF_VAR_private_key_pem=\"$(cat server.key)\"\n";
    world.terraform.write("main.tf", &format!("{before}{certificate}\n{after}{check}\n"));
    run(&world.terraform, &format!("{key}terraform apply"));
    let ids = || (world.terraform.text(CERTIFICATE, "certificate_id"), world.terraform.text(LISTENER, "listener_id"));
    let (first, listener) = ids();
    assert!(world.client().connect(world.address()).is_ok());

    let said = run(&world.terraform, &block(guide, "shell", "terraform apply")).output;
    super::expect_words(&said, &["1 added, 1 changed, 1 destroyed", "+/-"]);
    let (second, same) = ids();
    assert!(first != second && listener == same, "{first} {second} {listener} {same}");
    assert!(world.client().connect(world.address()).is_err(), "the old certificate is still shown");
    let new = std::fs::read_to_string(world.terraform.folder().join("server.pem")).unwrap();
    assert!(world.client_trusting_pem(&new).connect(world.address()).is_ok());
}

#[test]
fn clients_are_moved_from_blue_to_green_as_the_guide_says() {
    let guide = "zero-downtime-changes.md";
    let world = Sandbox::start();
    let pools = block(guide, "terraform", "blue_weight");
    world.terraform.write("main.tf", &format!("{}{pools}\n", Service::new().hcl()));
    let said = run(&world.terraform, &block(guide, "shell", "blue_weight")).output;
    assert_eq!(said.matches("0 added, 2 changed, 0 destroyed").count(), 2, "{said}");
}

#[test]
fn the_table_of_replacements_is_that_of_the_resources_pages() {
    let guide = std::fs::read_to_string(project_root().join("docs/guides/zero-downtime-changes.md")).unwrap();
    let rows: Vec<_> = guide.lines().filter(|line| line.starts_with("| `clb_")).collect();
    assert_eq!(rows.len(), 5, "a row for each resource");
    for row in rows {
        let mut cells = row.split('|').map(str::trim).skip(1);
        let resource = cells.next().unwrap().trim_matches('`').trim_start_matches("clb_");
        let listed = cells.next().unwrap();
        let page = std::fs::read_to_string(project_root().join(format!("docs/resources/{resource}.md"))).unwrap();
        let (page, _) = page.split_once("## Import").unwrap();
        for line in page.lines() {
            let Some((name, said)) = line.strip_prefix("- `").and_then(|rest| rest.split_once("` (")) else { continue };
            let replaces = said.contains("change replaces") || said.contains("to another replaces");
            assert_eq!(replaces, listed.contains(&format!("`{name}`")), "{resource}.{name}: {row}");
        }
    }
}

#[test]
fn the_codes_of_the_table_are_the_platforms() {
    let read = |name: &str| std::fs::read_to_string(project_root().join("docs/guides").join(name)).unwrap();
    let (guide, rules) = (read("troubleshooting.md"), read("platform-rules.md"));
    let rows = guide.lines().filter(|line| line.starts_with("| `"));
    let codes: Vec<_> = rows.flat_map(|row| row.split('|').nth(1).unwrap().split(',')).map(str::trim).collect();
    assert!(codes.len() > 25, "{codes:?}");
    let unknown: Vec<_> = codes.iter().filter(|code| !rules.contains(**code)).collect();
    assert!(unknown.is_empty(), "no rule has {unknown:?}");
}
