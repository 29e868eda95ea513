//! Unknown values: what a user sets from another resource is not known while planning. Everything that can be set is
//! tried, one at a time.

use std::collections::BTreeMap;

use super::{Core, shaped};
use crate::schema::{Attribute, AttributeKind, Nesting, Presence};
use crate::tf_type::Codec;
use crate::{Dynamic, Path, Report, Resource, ResourceModel};

/// A configuration in which one thing is not known, and what that is.
struct Veiled {
    place: String,
    config: Dynamic,
}

impl Core {
    /// Plans and applies a configuration once for everything in it that may not be known while planning: each attribute,
    /// also one that turns out not to be set, each element of a list, set or map, each nested object, and what is
    /// inside. Each time the resource is validated, created, applied again, and destroyed.
    ///
    /// ```
    /// # async fn test<Note: tfplugin_sdk::Resource>(core: tfplugin_sdk::testing::Core, config: Note::Config) {
    /// core.unknowns::<Note>(&config).await;
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// With everything that, while it is not known, makes validating, planning or applying fail, or the plan change so that
    /// core refuses it.
    pub async fn unknowns<R: Resource>(&self, config: &R::Config) {
        let name = <R as ResourceModel>::NAME;
        let schema = &self.engine.schema().resources[name];
        let mut problems = Vec::new();
        for Veiled { place, config: veiled } in veiled_in(&schema.attributes, &shaped(schema, config), "") {
            let mut report = Report::new();
            let Some(planned) = R::Config::decode(&veiled, &Path::root(), &mut report) else {
                problems.push(format!("  {place}: {}", super::verdict::printed(&report)));
                continue;
            };
            if let Err(problem) = self.with_unknown::<R>(&planned, config).await {
                problems.push(format!("  {place}: {problem}"));
            }
        }
        assert!(problems.is_empty(), "a {name} of which is not known while planning:\n{}", problems.join("\n"));
    }

    /// Creates, applies again and destroys what is planned with a value that is not known.
    async fn with_unknown<R: Resource>(&self, planned: &R::Config, config: &R::Config) -> Result<(), String> {
        let mut instance = self.resource::<R>();
        let mut outcome = Ok(());
        for doing in ["created", "applied again"] {
            if outcome.is_ok() {
                let applied = instance.applied(planned, config).await;
                outcome = applied.map(drop).map_err(|failure| format!("it cannot be {doing}: {failure}"));
            }
        }
        if !instance.stored().is_null() {
            let destroyed = instance.destroyed().await.map_err(|failure| format!("it cannot be destroyed: {failure}"));
            outcome = outcome.and(destroyed.map(drop));
        }
        outcome
    }
}

/// Every way in which one thing that a user can set in an object is not known.
fn veiled_in(attributes: &[Attribute], object: &Dynamic, around: &str) -> Vec<Veiled> {
    let Dynamic::Object(parts) = object else { return Vec::new() };
    let settable = attributes.iter().filter(|attribute| attribute.presence != Presence::Computed);
    let veiled = settable.flat_map(|attribute| {
        let name = &attribute.name;
        let place = if around.is_empty() { name.clone() } else { format!("{around}.{name}") };
        let veiled = veiled_attribute(attribute, object.attribute(name), place);
        veiled.into_iter().map(|veiled| within(parts, name, veiled, Dynamic::Object))
    });
    veiled.collect()
}

fn veiled_attribute(attribute: &Attribute, value: &Dynamic, place: String) -> Vec<Veiled> {
    let inner = match &attribute.kind {
        AttributeKind::Plain(_) => None,
        AttributeKind::Nested(_, inner) => Some(inner.as_slice()),
    };
    // Of blocks, Terraform can leave open how many there are, not whether a single one is there.
    let single = matches!(attribute.kind, AttributeKind::Nested(Nesting::Single, _));
    let mut veiled = veiled_parts(inner, attribute.block, value, &place);
    if !(attribute.block && single) {
        veiled.push(Veiled { place, config: Dynamic::unknown() });
    }
    veiled
}

/// The same for what is inside a value; `inner` are the attributes of its objects, where it is nested.
fn veiled_parts(inner: Option<&[Attribute]>, blocks: bool, value: &Dynamic, place: &str) -> Vec<Veiled> {
    let element = |element: &Dynamic, place: String| {
        let mut veiled = veiled_parts(inner, blocks, element, &place);
        if !blocks {
            veiled.push(Veiled { place, config: Dynamic::unknown() });
        }
        veiled
    };
    let elements = |elements: &[Dynamic], wrap: fn(Vec<Dynamic>) -> Dynamic, place: &dyn Fn(usize) -> String| {
        let veiled = elements.iter().enumerate().flat_map(|(at, one)| {
            element(one, place(at)).into_iter().map(move |veiled| {
                let mut elements = elements.to_vec();
                elements[at] = veiled.config;
                Veiled { place: veiled.place, config: wrap(elements) }
            })
        });
        veiled.collect::<Vec<_>>()
    };
    let by_name = |parts: &BTreeMap<String, Dynamic>, wrap: fn(BTreeMap<String, Dynamic>) -> Dynamic| {
        let veiled = parts.iter().flat_map(|(key, one)| {
            let veiled = element(one, format!("{place}[{key:?}]"));
            veiled.into_iter().map(|veiled| within(parts, key, veiled, wrap))
        });
        veiled.collect::<Vec<_>>()
    };
    match (value, inner) {
        (Dynamic::Object(_), Some(inner)) => veiled_in(inner, value, place),
        (Dynamic::Object(parts), None) => by_name(parts, Dynamic::Object),
        (Dynamic::Map(parts), _) => by_name(parts, Dynamic::Map),
        (Dynamic::List(list), _) => elements(list, Dynamic::List, &|at| format!("{place}[{at}]")),
        (Dynamic::Set(set), _) => elements(set, Dynamic::Set, &|at| format!("{place}, member {}", at + 1)),
        _ => Vec::new(),
    }
}

/// `parts` with the one called `name` veiled.
fn within(
    parts: &BTreeMap<String, Dynamic>,
    name: &str,
    veiled: Veiled,
    wrap: fn(BTreeMap<String, Dynamic>) -> Dynamic,
) -> Veiled {
    let mut parts = parts.clone();
    parts.insert(name.to_owned(), veiled.config);
    Veiled { place: veiled.place, config: wrap(parts) }
}
