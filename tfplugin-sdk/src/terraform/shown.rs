//! What `terraform show -json` shows: a plan, or a state.
//!
//! Not here: what a test expects of it (`judge`).

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::expected::Found;
use crate::testing::Action;
use crate::{Dynamic, Path, Step};

/// A plan.
#[derive(Debug, Default)]
pub(super) struct ShownPlan {
    changes: Vec<Change>,
    drifted: Vec<Change>,
    outputs: BTreeMap<String, Change>,
    /// All of it but the configuration, in which anything may stand.
    pub text: String,
}

/// What becomes of one resource or output.
#[derive(Debug)]
pub(super) struct Change {
    pub address: String,
    pub deed: Deed,
    /// The attributes that make it a replacement, as steps in text.
    pub forced_by: Vec<Vec<String>>,
    /// Its address before, when it has been moved.
    pub moved_from: Option<String>,
    pub is_import: bool,
    pub before: Value,
    pub after: Value,
}

/// What is done: one of the miniature core's actions, or what only the real Terraform has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Act(Action),
    Read,
    Forget,
    /// Of a newer Terraform.
    Other(String),
}

/// A state.
#[derive(Debug, Default)]
pub(super) struct ShownState {
    /// The version of the Terraform that wrote it.
    pub version: String,
    resources: BTreeMap<String, Stored>,
    outputs: BTreeMap<String, Value>,
}

/// One resource in a state.
#[derive(Debug)]
pub(super) struct Stored {
    pub type_name: String,
    pub value: Value,
    pub is_tainted: bool,
    /// Its identity, since Terraform 1.12; `Null` where there is none.
    pub identity: Json,
}

/// A value, and which parts of it Terraform hides.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub is: Dynamic,
    secrets: Json,
}

impl ShownPlan {
    pub(super) fn read(json: &str) -> Result<Self, String> {
        let mut json: Json = serde_json::from_str(json).map_err(|error| format!("the plan is no JSON: {error}"))?;
        let changes = |name: &str| json[name].as_array().into_iter().flatten().map(Change::of_resource).collect();
        let outputs = json["output_changes"].as_object().into_iter().flatten();
        let outputs = outputs.map(|(name, change)| (name.clone(), Change::read(format!("output.{name}"), change)));
        let (changes, drifted, outputs) = (changes("resource_changes"), changes("resource_drift"), outputs.collect());
        if let Json::Object(parts) = &mut json {
            parts.retain(|name, _| !matches!(name.as_str(), "configuration" | "variables"));
        }
        Ok(Self { changes, drifted, outputs, text: json.to_string() })
    }

    /// What becomes of the resource at `address`.
    pub(super) fn change(&self, address: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.address == address)
    }

    /// What became of it outside of Terraform.
    pub(super) fn drift(&self, address: &str) -> Option<&Change> {
        self.drifted.iter().find(|change| change.address == address)
    }

    pub(super) fn output(&self, name: &str) -> Option<&Change> {
        self.outputs.get(name)
    }

    /// All resources that something is done to or with.
    pub(super) fn changing(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.deed != Deed::Act(Action::NoOp) || change.is_import)
    }

    /// All resources and outputs that are not left as they are.
    pub(super) fn everything_changing(&self) -> impl Iterator<Item = &Change> {
        let outputs = self.outputs.values().filter(|change| change.deed != Deed::Act(Action::NoOp));
        self.changing().chain(outputs)
    }

    pub(super) fn addresses(&self) -> Vec<&str> {
        self.changes.iter().map(|change| change.address.as_str()).collect()
    }
}

impl Change {
    fn of_resource(json: &Json) -> Self {
        let mut change = Self::read(json["address"].as_str().unwrap_or_default().to_owned(), &json["change"]);
        change.moved_from = json["previous_address"].as_str().map(ToOwned::to_owned);
        change
    }

    fn read(address: String, json: &Json) -> Self {
        let actions: Vec<&str> = json["actions"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let paths = json["replace_paths"].as_array().into_iter().flatten();
        Self {
            address,
            deed: Deed::read(&actions),
            forced_by: paths.map(steps).collect(),
            moved_from: None,
            is_import: !json["importing"].is_null(),
            before: Value { is: merged(json.get("before"), &Json::Null), secrets: json["before_sensitive"].clone() },
            after: Value {
                is: merged(json.get("after"), &json["after_unknown"]),
                secrets: json["after_sensitive"].clone(),
            },
        }
    }
}

impl Deed {
    fn read(actions: &[&str]) -> Self {
        match actions {
            ["no-op"] => Self::Act(Action::NoOp),
            ["create"] => Self::Act(Action::Create),
            ["update"] => Self::Act(Action::Update),
            ["delete"] => Self::Act(Action::Delete),
            ["delete", "create"] | ["create", "delete"] => Self::Act(Action::Replace),
            ["read"] => Self::Read,
            ["forget"] => Self::Forget,
            other => Self::Other(other.join(" and ")),
        }
    }

    /// What is to be done to something: "to be created".
    pub(super) fn passive(&self) -> String {
        match self {
            Self::Act(Action::NoOp) => "to be left as it is".to_owned(),
            Self::Act(Action::Create) => "to be created".to_owned(),
            Self::Act(Action::Update) => "to be updated".to_owned(),
            Self::Act(Action::Replace) => "to be replaced".to_owned(),
            Self::Act(Action::Delete) => "to be deleted".to_owned(),
            Self::Read => "to be read".to_owned(),
            Self::Forget => "to be forgotten".to_owned(),
            Self::Other(what) => format!("to have done to it: {what}"),
        }
    }
}

impl ShownState {
    pub(super) fn read(json: &str) -> Result<Self, String> {
        let json: Json = serde_json::from_str(json).map_err(|error| format!("the state is no JSON: {error}"))?;
        let version = json["terraform_version"].as_str().unwrap_or_default().to_owned();
        let mut resources = BTreeMap::new();
        let mut modules = vec![&json["values"]["root_module"]];
        while let Some(module) = modules.pop() {
            modules.extend(module["child_modules"].as_array().into_iter().flatten());
            let here = module["resources"].as_array().into_iter().flatten();
            // What is left of a replacement that failed half-way has the address of what replaced it.
            for resource in here.filter(|resource| resource["deposed_key"].is_null()) {
                resources.insert(resource["address"].as_str().unwrap_or_default().to_owned(), Stored::read(resource));
            }
        }
        let outputs = json["values"]["outputs"].as_object().into_iter().flatten().map(|(name, output)| {
            (name.clone(), Value { is: merged(output.get("value"), &Json::Null), secrets: output["sensitive"].clone() })
        });
        Ok(Self { version, resources, outputs: outputs.collect() })
    }

    pub(super) fn resource(&self, address: &str) -> Option<&Stored> {
        self.resources.get(address)
    }

    pub(super) fn output(&self, name: &str) -> Option<&Value> {
        self.outputs.get(name)
    }

    pub(super) fn addresses(&self) -> Vec<&str> {
        self.resources.keys().map(String::as_str).collect()
    }

    pub(super) fn outputs(&self) -> Vec<&str> {
        self.outputs.keys().map(String::as_str).collect()
    }
}

impl Stored {
    fn read(json: &Json) -> Self {
        Self {
            type_name: json["type"].as_str().unwrap_or_default().to_owned(),
            value: Value { is: merged(json.get("values"), &Json::Null), secrets: json["sensitive_values"].clone() },
            is_tainted: json["tainted"] == Json::Bool(true),
            identity: json["identity"].clone(),
        }
    }
}

impl Value {
    /// The part at `path`, beside what it was `before`; `Err` with the sentence that says where the path leaves it.
    pub(super) fn at<'v>(&'v self, path: &Path, before: Option<&'v Value>) -> Result<Found<'v>, String> {
        let value = part(&self.is, path)?;
        let before = before.and_then(|before| part(&before.is, path).ok().flatten());
        let hidden = marks(&self.secrets, path);
        Ok(Found { value, before, sensitive: *hidden == Json::Bool(true), has_secrets: has_marks(hidden) })
    }

    /// Whether a part is hidden.
    pub(super) fn hides(&self, path: &Path) -> bool {
        has_marks(marks(&self.secrets, path))
    }
}

/// The part of `value` at `path`; `Err` with the sentence that says where the path leaves it.
fn part<'v>(value: &'v Dynamic, path: &Path) -> Result<Option<&'v Dynamic>, String> {
    let mut here = value;
    for (position, step) in path.steps().iter().enumerate() {
        let next = match (here, step) {
            (Dynamic::Object(parts), Step::Attribute(name) | Step::Key(name)) => parts.get(name),
            (Dynamic::List(elements), Step::Index(index)) => {
                usize::try_from(*index).ok().and_then(|index| elements.get(index))
            }
            (Dynamic::Unknown(_), _) => return Ok(Some(here)),
            (Dynamic::Null, _) => return Err(format!("`{}` is null", up_to(path, position))),
            _ => return Err(format!("`{}` has no such parts", up_to(path, position))),
        };
        here = match next {
            Some(next) => next,
            // An attribute of a resource is always shown, null or not: this one is misspelt.
            None if position == 0 => {
                return Err(format!("there is no attribute `{}`: {}", up_to(path, 1), names(here)));
            }
            None if position + 1 == path.steps().len() => return Ok(None),
            None => return Err(format!("there is no `{}`", up_to(path, position + 1))),
        };
    }
    Ok(Some(here))
}

fn up_to(path: &Path, steps: usize) -> Path {
    path.steps().iter().take(steps).cloned().collect()
}

fn names(value: &Dynamic) -> String {
    let Dynamic::Object(parts) = value else { return "it has none".to_owned() };
    format!("it has {}", parts.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
}

/// The marks of the part at `path`, which are those of the whole where the whole is marked.
fn marks<'j>(of_whole: &'j Json, path: &Path) -> &'j Json {
    let mut here = of_whole;
    for step in path.steps() {
        if *here == Json::Bool(true) {
            break;
        }
        here = match step {
            Step::Attribute(name) | Step::Key(name) => &here[name.as_str()],
            Step::Index(index) => usize::try_from(*index).map_or(&Json::Null, |index| &here[index]),
        };
    }
    here
}

fn has_marks(json: &Json) -> bool {
    match json {
        Json::Bool(marked) => *marked,
        Json::Array(parts) => parts.iter().any(has_marks),
        Json::Object(parts) => parts.values().any(has_marks),
        Json::Null | Json::Number(_) | Json::String(_) => false,
    }
}

/// A value with what is not known of it, which is left out of it or null in it.
fn merged(value: Option<&Json>, unknown: &Json) -> Dynamic {
    match (value, unknown) {
        (_, Json::Bool(true)) => Dynamic::unknown(),
        (Some(Json::Object(parts)), _) => {
            let left_out = unknown.as_object().into_iter().flatten().filter(|(name, _)| !parts.contains_key(*name));
            let left_out = left_out.map(|(name, unknown)| (name.clone(), merged(None, unknown)));
            let known = parts.iter().map(|(name, part)| (name.clone(), merged(Some(part), &unknown[name.as_str()])));
            Dynamic::Object(known.chain(left_out).collect())
        }
        (Some(Json::Array(elements)), _) => {
            let elements = elements.iter().enumerate();
            Dynamic::List(elements.map(|(at, element)| merged(Some(element), &unknown[at])).collect())
        }
        (None, Json::Object(parts)) => {
            Dynamic::Object(parts.iter().map(|(name, unknown)| (name.clone(), merged(None, unknown))).collect())
        }
        (Some(Json::String(text)), _) => Dynamic::String(text.clone()),
        (Some(Json::Bool(answer)), _) => Dynamic::Bool(*answer),
        (Some(Json::Number(number)), _) => {
            let text = number.to_string();
            text.parse().map_or(Dynamic::String(text), Dynamic::Number)
        }
        (Some(Json::Null) | None, _) => Dynamic::Null,
    }
}

/// A path as its steps in text. Members of sets have none: a path ends at the set.
fn steps(path: &Json) -> Vec<String> {
    let steps = path.as_array().into_iter().flatten();
    let text = |step: &Json| match step {
        Json::String(name) => Some(name.clone()),
        Json::Number(index) => Some(index.to_string()),
        _ => None,
    };
    steps.map_while(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;
    use crate::terraform::expected::shown;

    const PLAN: &str = r#"{
        "resource_changes": [{
            "address": "x_note.a", "previous_address": "x_note.b",
            "change": {
                "actions": ["delete", "create"], "replace_paths": [["gate", "width"], ["trees", {"a": 1}], ["beds", 2]],
                "before": {"id": "1", "gate": {"width": 1}},
                "after": {"gate": {"width": 2.50}, "beds": [null, {"plant": "rose"}], "tags": {}},
                "after_unknown": {"id": true, "author": {"name": true}, "beds": [true, {"number": true}]},
                "after_sensitive": {"gate": {"width": true}}
            }
        }],
        "output_changes": {"id": {"actions": ["create"], "after_unknown": true}},
        "configuration": {"secret": "hush"}
    }"#;

    fn at(path: &Path) -> Result<String, String> {
        let plan = ShownPlan::read(PLAN).unwrap();
        let value = &plan.change("x_note.a").unwrap().after;
        value
            .at(path, None)
            .map(|found| found.value.map_or("nothing".to_owned(), |value| shown(value, found.has_secrets)))
    }

    #[test]
    fn what_is_not_known_stands_in_its_place() {
        assert_eq!(at(&path!(id)).unwrap(), "(known after apply)");
        assert_eq!(at(&path!(author)).unwrap(), "{ name = (known after apply) }");
        assert_eq!(
            at(&path!(beds)).unwrap(),
            "[(known after apply), { number = (known after apply), plant = \"rose\" }]"
        );
        assert_eq!(at(&path!(beds[0].plant)).unwrap(), "(known after apply)");
    }

    #[test]
    fn a_path_that_leads_nowhere_says_where_it_ends() {
        assert_eq!(at(&path!(tags["a"])).unwrap(), "nothing");
        let misspelt = at(&path!(gates)).unwrap_err();
        assert_eq!(misspelt, "there is no attribute `gates`: it has `author`, `beds`, `gate`, `id`, `tags`");
        assert_eq!(at(&path!(gate.lock.key)).unwrap_err(), "there is no `gate.lock`");
        assert_eq!(at(&path!(gate.width.unit)).unwrap_err(), "`gate.width` has no such parts");
    }

    #[test]
    fn what_terraform_hides_is_hidden_alone_and_in_a_whole() {
        assert_eq!(at(&path!(gate.width)).unwrap(), "(sensitive value)");
        assert_eq!(at(&path!(gate)).unwrap(), "(sensitive value)");
    }

    #[test]
    fn a_change_says_why_and_from_where() {
        let plan = ShownPlan::read(PLAN).unwrap();
        let change = plan.change("x_note.a").unwrap();
        assert_eq!(change.deed, Deed::Act(Action::Replace));
        assert_eq!(change.forced_by, [vec!["gate", "width"], vec!["trees"], vec!["beds", "2"]]);
        assert_eq!(change.moved_from.as_deref(), Some("x_note.b"));
        assert!(plan.output("id").unwrap().after.is.is_unknown());
        assert!(!plan.text.contains("hush"));
    }

    #[test]
    fn a_state_is_read_through_all_its_modules() {
        let state = ShownState::read(
            r#"{"terraform_version": "1.12.0", "values": {"outputs": {"o": {"sensitive": true, "value": 7}}, "root_module": {
                "resources": [
                    {"address": "x_note.a", "type": "x_note", "values": {"id": "1"}, "tainted": true, "identity": {"id": "1"}},
                    {"address": "x_note.a", "type": "x_note", "values": {"id": "0"}, "deposed_key": "c0ffee"}
                ],
                "child_modules": [{"child_modules": [{"resources": [{"address": "module.m.module.n.x_note.b"}]}]}]
            }}}"#,
        );
        let state = state.unwrap();
        assert_eq!(state.addresses(), ["module.m.module.n.x_note.b", "x_note.a"]);
        let stored = state.resource("x_note.a").unwrap();
        assert!(stored.is_tainted && stored.identity["id"] == "1");
        assert_eq!(*stored.value.is.attribute("id"), Dynamic::String("1".into()));
        assert!(state.output("o").unwrap().at(&Path::root(), None).unwrap().sensitive);
    }
}
