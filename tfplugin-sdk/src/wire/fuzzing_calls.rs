//! What must hold of calls from outside, whatever stands in them: they are answered, nothing panics, and Terraform can
//! read every answer. See `fuzzing` for who asks.

use super::call::Call;
use super::fuzzing_values::Parts;
use super::{action, decode, list_resource};
use crate::generated::tfplugin6 as wire;
use crate::schema::{Attribute, IdentitySchema};
use crate::{Dynamic, Engine, Report, Type};

/// What an answer says, with the types its values must have.
type Said = (Vec<wire::Diagnostic>, Vec<(Option<wire::DynamicValue>, Type)>);

/// A letter for the call, a byte (the version of a schema for the calls that say one; for the others bits that say whether
/// the provider's configuration is still unknown, whether the client is too old for write-only values, and whether it
/// wants whole objects), and the parts of the request.
pub(crate) async fn call(engine: &Engine, input: &[u8]) {
    let [call, byte, parts @ ..] = input else { return };
    let parts = &mut Parts::of(parts);
    let version = i64::from(*byte);
    match call {
        b'c' => configure(engine, parts).await,
        b'u' | b'U' | b'm' => stored(engine, *call, version, parts).await,
        _ => {
            let waits = *byte % 2 == 1;
            engine.configure(settings(engine, waits)).await;
            let client = Some(wire::ClientCapabilities {
                deferral_allowed: waits,
                write_only_attributes_allowed: byte & 2 == 0,
                ..Default::default()
            });
            match call {
                b'w' | b'r' | b'p' | b'a' | b'i' | b'I' | b'g' => resource(engine, *call, client, parts).await,
                b'd' => data_source(engine, client, parts).await,
                b'e' => open(engine, client, parts).await,
                b'n' => renew(engine, parts).await,
                b'h' => act(engine, client, parts).await,
                b'l' => list(engine, byte & 4 != 0, parts).await,
                b'f' => function(engine, parts).await,
                _ => {}
            }
        }
    }
}

/// A provider block in which every text is "x", or not known yet, and everything else is left out.
fn settings(engine: &Engine, waits: bool) -> Dynamic {
    let set = |attribute: &Attribute| match attribute.value_type() {
        Type::String if waits => Dynamic::unknown(),
        Type::String => Dynamic::String("x".to_owned()),
        Type::List(_) => Dynamic::List(Vec::new()),
        _ => Dynamic::Null,
    };
    let attributes = &engine.schema().provider.attributes;
    Dynamic::Object(attributes.iter().map(|attribute| (attribute.name.clone(), set(attribute))).collect())
}

async fn configure(engine: &Engine, parts: &mut Parts<'_>) {
    let config = parts.value();
    let request = wire::validate_provider_config::Request { config: config.clone() };
    ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
    let request = wire::configure_provider::Request { config, ..Default::default() };
    ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
}

/// What Terraform has stored, perhaps long ago.
async fn stored(engine: &Engine, call: u8, version: i64, parts: &mut Parts<'_>) {
    let (type_name, of, identity_of) = resource_types(engine);
    match call {
        b'u' => {
            let request = wire::upgrade_resource_state::Request { type_name, version, raw_state: parts.stored() };
            ask(engine, request, |answer| (answer.diagnostics, vec![(answer.upgraded_state, of)])).await;
        }
        b'U' => {
            let raw_identity = parts.stored();
            let request = wire::upgrade_resource_identity::Request { type_name, version, raw_identity };
            let said = |identity| vec![(data(identity), identity_of)];
            ask(engine, request, |answer| (answer.diagnostics, said(answer.upgraded_identity))).await;
        }
        _ => {
            let request = wire::move_resource_state::Request {
                source_provider_address: parts.text(),
                source_type_name: parts.text(),
                source_schema_version: version,
                source_state: parts.stored(),
                source_identity: parts.stored(),
                source_private: parts.bytes(),
                target_type_name: type_name,
                ..Default::default()
            };
            let said = |state, identity| vec![(state, of), (data(identity), identity_of)];
            ask(engine, request, |answer| (answer.diagnostics, said(answer.target_state, answer.target_identity)))
                .await;
        }
    }
}

async fn resource(engine: &Engine, call: u8, client: Option<wire::ClientCapabilities>, parts: &mut Parts<'_>) {
    let (type_name, of, identity_of) = resource_types(engine);
    let said = |state, identity| vec![(state, of.clone()), (data(identity), identity_of.clone())];
    match call {
        b'w' => {
            let config = parts.value();
            let request = wire::validate_resource_config::Request { type_name, config, client_capabilities: client };
            ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
        }
        b'r' => {
            let request = wire::read_resource::Request {
                type_name,
                client_capabilities: client,
                current_state: parts.value(),
                private: parts.bytes(),
                current_identity: parts.identity(),
                provider_meta: parts.value(),
            };
            ask(engine, request, |answer| match answer.deferred {
                // What is put off is handed back as it came, unread.
                Some(_) => (answer.diagnostics, Vec::new()),
                None => (answer.diagnostics, said(answer.new_state, answer.new_identity)),
            })
            .await;
        }
        b'p' => {
            let request = wire::plan_resource_change::Request {
                type_name,
                client_capabilities: client,
                prior_state: parts.value(),
                proposed_new_state: parts.value(),
                config: parts.value(),
                prior_private: parts.bytes(),
                prior_identity: parts.identity(),
                provider_meta: parts.value(),
                planned_private: parts.bytes(),
            };
            ask(engine, request, |answer| (answer.diagnostics, said(answer.planned_state, answer.planned_identity)))
                .await;
        }
        b'a' => {
            let request = wire::apply_resource_change::Request {
                type_name,
                prior_state: parts.value(),
                planned_state: parts.value(),
                config: parts.value(),
                planned_private: parts.bytes(),
                planned_identity: parts.identity(),
                provider_meta: parts.value(),
            };
            ask(engine, request, |answer| (answer.diagnostics, said(answer.new_state, answer.new_identity))).await;
        }
        b'g' => {
            let request = wire::generate_resource_config::Request { type_name, state: parts.value() };
            ask(engine, request, |answer| (answer.diagnostics, said(answer.config, None))).await;
        }
        _ => {
            let (id, identity) = if call == b'i' { (parts.text(), None) } else { (String::new(), parts.identity()) };
            let request = wire::import_resource_state::Request { type_name, id, identity, client_capabilities: client };
            ask(engine, request, |answer| {
                let as_it_came = answer.deferred.is_some();
                let found = answer.imported_resources.into_iter();
                let found = found.flat_map(|found| said(found.state, found.identity.filter(|_| !as_it_came)));
                (answer.diagnostics, found.collect())
            })
            .await;
        }
    }
}

async fn data_source(engine: &Engine, client: Option<wire::ClientCapabilities>, parts: &mut Parts<'_>) {
    let Some((type_name, schema)) = engine.schema().data_sources.first_key_value() else { return };
    let (type_name, config, of) = (type_name.clone(), parts.value(), schema.value_type());
    let request = wire::validate_data_resource_config::Request { type_name: type_name.clone(), config: config.clone() };
    ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
    let request = wire::read_data_source::Request {
        type_name,
        config,
        client_capabilities: client,
        provider_meta: parts.value(),
    };
    ask(engine, request, |answer| (answer.diagnostics, vec![(answer.state, of)])).await;
}

async fn open(engine: &Engine, client: Option<wire::ClientCapabilities>, parts: &mut Parts<'_>) {
    let Some((type_name, schema)) = engine.schema().ephemeral_resources.first_key_value() else { return };
    let (type_name, config, of) = (type_name.clone(), parts.value(), schema.value_type());
    let request =
        wire::validate_ephemeral_resource_config::Request { type_name: type_name.clone(), config: config.clone() };
    ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
    let request = wire::open_ephemeral_resource::Request { type_name, config, client_capabilities: client };
    ask(engine, request, |answer| (answer.diagnostics, vec![(answer.result, of)])).await;
}

async fn renew(engine: &Engine, parts: &mut Parts<'_>) {
    let Some(type_name) = engine.schema().ephemeral_resources.keys().next().cloned() else { return };
    let private = Some(parts.bytes());
    let request = wire::renew_ephemeral_resource::Request { type_name: type_name.clone(), private: private.clone() };
    ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
    let request = wire::close_ephemeral_resource::Request { type_name, private };
    ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
}

async fn act(engine: &Engine, client: Option<wire::ClientCapabilities>, parts: &mut Parts<'_>) {
    let Some(action_type) = engine.schema().actions.keys().next().cloned() else { return };
    let config = parts.value();
    let request = wire::validate_action_config::Request { type_name: action_type.clone(), config: config.clone() };
    ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
    let request = wire::plan_action::Request {
        action_type: action_type.clone(),
        config: config.clone(),
        client_capabilities: client,
    };
    ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
    let request = wire::invoke_action::Request { action_type, config, ..Default::default() };
    // There is no answer but the diagnostics, also to what cannot be read.
    unpanicked(invoked(engine, request).await.iter().map(|found| &found.summary));
}

/// All that an action says in the end.
async fn invoked(engine: &Engine, request: wire::invoke_action::Request) -> Vec<wire::Diagnostic> {
    use wire::invoke_action::event::Type as Kind;
    let (events, mut answers) = tokio::sync::mpsc::channel(1);
    let work = tokio::spawn(action::invoke(engine.clone(), request, events));
    let mut diagnostics = None;
    while let Some(event) = answers.recv().await {
        if let Some(Kind::Completed(completed)) = event.ok().and_then(|event| event.r#type) {
            diagnostics = Some(completed.diagnostics);
        }
    }
    work.await.expect("an action ends in an orderly way");
    diagnostics.expect("every action is completed")
}

/// As many objects as the first part says.
async fn list(engine: &Engine, include_resource_object: bool, parts: &mut Parts<'_>) {
    let Some(type_name) = engine.schema().list_resources.keys().next().cloned() else { return };
    let (_, of, identity_of) = resource_types(engine);
    let (limit, config) = (parts.bytes().first().copied().unwrap_or_default().into(), parts.value());
    let request = wire::validate_list_resource_config::Request {
        type_name: type_name.clone(),
        config: config.clone(),
        ..Default::default()
    };
    ask(engine, request, |answer| (answer.diagnostics, Vec::new())).await;
    let request = wire::list_resource::Request { type_name, config, include_resource_object, limit };
    let (events, mut answers) = tokio::sync::mpsc::channel(1);
    let work = tokio::spawn(list_resource::list(engine.clone(), request, events));
    while let Some(event) = answers.recv().await {
        let Ok(event) = event else { panic!("a search ends in an orderly way") };
        // The last one may say no more than that the configuration cannot be read.
        unpanicked(event.diagnostic.iter().map(|found| &found.summary));
        readable(&[], vec![(event.resource_object, of.clone()), (data(event.identity), identity_of.clone())]);
    }
    work.await.expect("a search ends in an orderly way");
}

/// As many arguments as the first part says.
async fn function(engine: &Engine, parts: &mut Parts<'_>) {
    let Some((name, schema)) = engine.schema().functions.first_key_value() else { return };
    let count = parts.bytes().first().map_or(0, |byte| byte % 5);
    let arguments = (0..count).filter_map(|_| parts.value()).collect();
    let request = wire::call_function::Request { name: name.clone(), arguments };
    ask(engine, request, |answer| (Vec::new(), vec![(answer.result, schema.result.clone())])).await;
}

/// Asks, and holds the answer to what must be true of it.
async fn ask<C: Call>(engine: &Engine, request: C, said: impl FnOnce(C::Answer) -> Said) {
    match request.run(engine.clone()).await {
        Ok(answer) => {
            let (diagnostics, values) = said(answer);
            readable(&diagnostics, values);
        }
        Err(report) => {
            assert!(report.has_errors(), "{} fails and does not say why", C::RPC);
            unpanicked(report.diagnostics().iter().map(|found| &found.summary));
        }
    }
}

/// No diagnostic tells of a panic or of a value that could not be written, and every value can be read.
fn readable(diagnostics: &[wire::Diagnostic], values: Vec<(Option<wire::DynamicValue>, Type)>) {
    unpanicked(diagnostics.iter().map(|found| &found.summary));
    assert_eq!(diagnostics.iter().find(|found| found.summary == "Unreadable value"), None);
    for (value, of) in values {
        let mut problems = Report::new();
        decode::value(value.as_ref(), &of, &mut problems);
        assert!(problems.is_empty(), "an answer cannot be read: {problems:?}");
    }
}

fn unpanicked<'a>(mut summaries: impl Iterator<Item = &'a String>) {
    assert!(!summaries.any(|summary| summary == "The provider panicked"), "something panicked");
}

/// A resource, with the types of its values and of its identity.
fn resource_types(engine: &Engine) -> (String, Type, Type) {
    let (name, schema) = engine.schema().resources.first_key_value().expect("the sample provider has a resource");
    let identity = schema.identity.as_ref().map_or(Type::Dynamic, IdentitySchema::value_type);
    (name.clone(), schema.value_type(), identity)
}

fn data(identity: Option<wire::ResourceIdentityData>) -> Option<wire::DynamicValue> {
    identity.and_then(|identity| identity.identity_data)
}
