//! The guides: what they tell people to type is typed here, block by block.

use clb_acceptance_tests::packaged;
use clb_acceptance_tests::project_root;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::REQUIRED_PROVIDERS;
use clb_acceptance_tests::terraform::Outcome;

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

/// Types it in the folder of the world, and gives what is said.
#[track_caller]
fn run(world: &Sandbox, script: &str) -> Outcome {
    let colourless = format!("export TF_CLI_ARGS=-no-color\n{script}");
    let outcome = world.terraform.shell(&colourless, &packaged::programs());
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
        let said = run(&world, &block(guide, "shell", words)).output;
        super::expect_words(&said, &[passed, " 0 failed."]);
    }
    // The guide's own tests; the second one is written as a continuation of the first.
    let [with_mock, compared] = blocks(guide, "terraform").try_into().unwrap();
    let variables = with_mock.split("\n\n").nth(1).unwrap();
    world.terraform.write("tests/mock.tftest.hcl", &with_mock);
    world.terraform.write("tests/compared.tftest.hcl", &format!("provider \"clb\" {{}}\n{variables}\n{compared}"));
    let suites = ["mock", "compared"].map(|suite| format!("-filter=tests/{suite}.tftest.hcl")).join(" ");
    let said = run(&world, &format!("clb-simulator exec -- terraform test {suites}")).output;
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
    let said = run(&world, &block("testing-modules.md", "shell", "client")).output;
    super::expect_words(&said, &["address = \"203.0.113.1:443\"", "\nblue ", "Destroy complete!"]);
}
