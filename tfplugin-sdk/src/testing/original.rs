//! The original: Terraform's own core under questions. What it makes of every answer of a provider that answers what it
//! is told, however wrong.
//!
//! Each case is a resource of its own, so that one run of Terraform judges hundreds. Not here: which cases, and what is
//! expected of them (`original_tests`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path as FilePath;
use std::process::Command;
use std::sync::Arc;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value as Json, json};
use tokio::net::UnixListener;
use tonic::codegen::Service as _;

use super::original_provider::Answers;
use crate::generated::tfplugin6::provider_server::ProviderServer;
use crate::schema::{Attribute, AttributeKind, Nesting, Schema};
use crate::{Dynamic, Path};

/// The type of the resources; one attribute of theirs is the number of their case.
pub(super) const PROBE: &str = "probe_any";
pub(super) const NUMBER: &str = "number";
const ADDRESS: &str = "example.com/probe/probe";

/// What one resource is, and what its provider answers.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The state before; null when there is none.
    pub(super) prior: Dynamic,
    /// The configuration, with unknown values.
    pub(super) config: Dynamic,
    /// The answer to the first plan.
    pub(super) planned: Dynamic,
    /// What it says replaces the resource.
    pub(super) replace: Vec<Path>,
    /// The answer to the second plan, while it is applied.
    pub(super) again: Dynamic,
    /// The answer to the apply.
    pub(super) applied: Dynamic,
}

/// What core said to one case.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    /// Core's own proposal.
    pub(super) proposed: Dynamic,
    /// What it is going to do; empty when it refuses the plan.
    pub(super) action: String,
    /// What it refuses: a summary, and the text that says where.
    pub(super) refused: Vec<(String, String)>,
}

/// Runs `terraform` with these arguments on all cases at once. Attributes are those of the resource, beside the number.
pub(super) async fn judge(attributes: &[Attribute], cases: Vec<Case>, arguments: &[&str]) -> Vec<Verdict> {
    let mut attributes = attributes.to_vec();
    attributes.push(Attribute::of::<u64>(NUMBER));
    let schema = Schema { attributes, ..Schema::default() };
    let count = cases.len();
    let cases: Vec<Case> = cases.into_iter().enumerate().map(|(number, case)| numbered(case, number)).collect();
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    write(folder.path(), "main.tf.json", &head());
    for (number, case) in cases.iter().enumerate() {
        let name = format!("c{number}");
        let resource = json!({ "resource": { PROBE: { &name: block(&schema.attributes, &case.config) } } });
        write(folder.path(), &format!("{name}.tf.json"), &resource);
    }
    write(folder.path(), "terraform.tfstate", &state(&cases));
    let socket = folder.path().join("socket");
    let listener = UnixListener::bind(&socket).expect("a short path");
    let answers = Arc::new(Answers::new(schema, cases));
    let server = tokio::spawn(serve(listener, ProviderServer::from_arc(answers.clone())));
    let reattach = json!({ ADDRESS: {
        "Protocol": "grpc", "ProtocolVersion": 6, "Pid": std::process::id(), "Test": true,
        "Addr": { "Network": "unix", "String": socket.to_string_lossy() },
    } });
    let mut command = Command::new("terraform");
    command.args(arguments).args(["-json", "-no-color"]).current_dir(folder.path());
    let settings = folder.path().join("cli.tfrc");
    fs::write(&settings, "disable_checkpoint = true\n").expect("a folder to write to");
    command.env("TF_CLI_CONFIG_FILE", settings).env("TF_REATTACH_PROVIDERS", reattach.to_string()).env_remove("TF_LOG");
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it runs to its end");
    let output = output.unwrap_or_else(|error| panic!("this test needs `terraform` on PATH: {error}"));
    server.abort();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let proposals = answers.proposals.lock().expect("no panic while it was held").clone();
    let mut verdicts: Vec<Verdict> =
        proposals.into_iter().map(|proposed| Verdict { proposed, ..Verdict::default() }).collect();
    for line in said.lines() {
        let line: Json = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        hear(&line, &mut verdicts).unwrap_or_else(|| panic!("not understood: {line}"));
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.is_empty() && verdicts.len() == count, "{errors}\n{said}");
    verdicts
}

/// Serves until the task is aborted. Every other service that Terraform looks for is not there, which it takes.
async fn serve(listener: UnixListener, provider: ProviderServer<Answers>) {
    while let Ok((socket, _)) = listener.accept().await {
        let provider = provider.clone();
        let called = service_fn(move |request| provider.clone().call(request));
        tokio::spawn(http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), called));
    }
}

/// Every value of a case carries its number.
fn numbered(mut case: Case, number: usize) -> Case {
    for value in [&mut case.prior, &mut case.config, &mut case.planned, &mut case.again, &mut case.applied] {
        if let Dynamic::Object(parts) = value {
            parts.insert(NUMBER.to_owned(), Dynamic::Number((number as u64).into()));
        }
    }
    case
}

fn write(folder: &FilePath, name: &str, content: &Json) {
    fs::write(folder.join(name), format!("{content:#}")).expect("a folder to write to");
}

/// A line of Terraform's report. `None` when it is about no case and should have been.
fn hear(line: &Json, verdicts: &mut [Verdict]) -> Option<()> {
    match line["type"].as_str()? {
        "planned_change" => {
            let address = line["change"]["resource"]["addr"].as_str()?;
            if let Some((number, _)) = address.strip_prefix(PROBE).and_then(case_number) {
                line["change"]["action"].as_str()?.clone_into(&mut verdicts.get_mut(number)?.action);
            }
        }
        "diagnostic" if line["diagnostic"]["severity"] == "error" => {
            let detail = line["diagnostic"]["detail"].as_str()?;
            let (_, about) = detail.split_once(PROBE)?;
            let (number, place) = case_number(about)?;
            let place = if place.starts_with('.') { place } else { after_the_sentence(place) };
            let summary = line["diagnostic"]["summary"].as_str()?.to_owned();
            verdicts.get_mut(number)?.refused.push((summary, place.to_owned()));
        }
        _ => {}
    }
    Some(())
}

/// Of a plan the place follows the address; of a result there is a sentence between them.
fn after_the_sentence(text: &str) -> &str {
    text.split_once(" value: ").or(text.split_once(" value for ")).map_or(text, |(_, place)| place)
}

/// `.c17.name: …` is about case 17, and about `.name: …` of it.
fn case_number(text: &str) -> Option<(usize, &str)> {
    let text = text.strip_prefix(".c")?;
    let end = text.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// What every configuration has. What is not known comes from a resource that is still to be created.
fn head() -> Json {
    json!({
        "terraform": { "required_providers": { "probe": { "source": ADDRESS } } },
        "resource": { "terraform_data": { "later": { "input": "\"later\"" } } },
    })
}

/// A value of any type that is not known while planning.
const LATER: &str = "${jsondecode(terraform_data.later.output)}";

fn block(attributes: &[Attribute], object: &Dynamic) -> Json {
    let mut body = serde_json::Map::new();
    let mut later = serde_json::Map::new();
    for attribute in attributes {
        let name = attribute.name.clone();
        match (object.attribute(&name), &attribute.kind) {
            (Dynamic::Null, _) => {}
            (Dynamic::Map(blocks), _) if attribute.block && blocks.is_empty() => {}
            (Dynamic::Unknown(_), _) if attribute.block => {
                later.insert(name, json!({ "for_each": LATER, "content": {} }));
            }
            (value, AttributeKind::Nested(nesting, inner)) if attribute.block => {
                body.insert(name, blocks(*nesting, inner, value));
            }
            (value, _) => {
                body.insert(name, written(value));
            }
        }
    }
    if !later.is_empty() {
        body.insert("dynamic".to_owned(), later.into());
    }
    body.into()
}

fn blocks(nesting: Nesting, inner: &[Attribute], value: &Dynamic) -> Json {
    match (nesting, value) {
        (Nesting::Map, Dynamic::Map(elements)) => {
            let elements = elements.iter().map(|(key, element)| (key.clone(), block(inner, element)));
            Json::Object(elements.collect())
        }
        (_, Dynamic::List(elements) | Dynamic::Set(elements)) => {
            elements.iter().map(|element| block(inner, element)).collect()
        }
        (_, object) => block(inner, object),
    }
}

fn written(value: &Dynamic) -> Json {
    let parts =
        |parts: &BTreeMap<String, Dynamic>| parts.iter().map(|(key, part)| (key.clone(), written(part))).collect();
    match value {
        Dynamic::Null => Json::Null,
        Dynamic::Unknown(_) => LATER.into(),
        Dynamic::String(text) => text.clone().into(),
        Dynamic::Number(number) => Json::Number(number.to_string().parse().expect("a number")),
        Dynamic::Bool(answer) => (*answer).into(),
        Dynamic::List(elements) | Dynamic::Set(elements) => elements.iter().map(written).collect(),
        Dynamic::Map(elements) | Dynamic::Object(elements) => Json::Object(parts(elements)),
        Dynamic::Typed(typed) => written(&typed.1),
    }
}

/// A state in which each case that has one is known by its number: the provider is asked for the rest.
fn state(cases: &[Case]) -> Json {
    let stored = cases.iter().enumerate().filter(|(_, case)| !case.prior.is_null());
    let resources: Vec<Json> = stored
        .map(|(number, _)| {
            json!({
                "mode": "managed", "type": PROBE, "name": format!("c{number}"),
                "provider": format!("provider[\"{ADDRESS}\"]"),
                "instances": [{ "schema_version": 0, "attributes": { NUMBER: number } }],
            })
        })
        .collect();
    json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "probe", "resources": resources })
}
