//! `import_verify`: an object that Terraform knows is imported into a state that does not know it.
//!
//! The state that is used is the real one without the resource, so that what it refers to is known. It lies in the place
//! of the real one while the import runs, and the real one is put back whatever happens.

use serde_json::{Value as Json, json};

use super::diagnostic;
use super::difference::{Difference, differences, is_below};
use super::failure::tell;
use super::judge::{Stage, reason};
use super::shown::{Change, Deed, Stored, Value};
use super::step::{By, ImportVerify, Order};
use super::trial::{PLAN, Trial};
use crate::import_id::filled;
use crate::testing::Action;

/// Holds the `import` block. In JSON, because ids and identities come from there.
const BLOCK: &str = "import_verify.tf.json";

/// The first Terraform that knows identities.
const IDENTITY_SINCE: (u32, u32) = (1, 12);

/// What names the object to import.
#[derive(Debug)]
enum Named {
    Id(String),
    Identity(Json),
}

impl Trial<'_> {
    pub(super) async fn import_verify(&mut self, step: &Order, import: &ImportVerify) {
        let Some(mut state) = self.show_state(step).await else { return };
        let version = std::mem::take(&mut state.version);
        if import.by == By::Identity && !is_at_least(&version, IDENTITY_SINCE) {
            let ImportVerify { address, .. } = import;
            tell(&format!(
                "{}: import_verify({address:?}).by_identity() is left out: Terraform {version} has no identities, 1.12 does",
                step.place
            ));
            return;
        }
        let Some(known) = state.resource(&import.address) else {
            let found = format!("the state has only {:?}", state.addresses());
            return self.stumble(step, &format!("{} in the state", import.address), found);
        };
        let named = match self.name(import, known) {
            Ok(named) => named,
            Err(found) => return self.stumble(step, "something to import by", found),
        };
        let real = self.session.state_file();
        self.run(&["state", "rm", &import.address]).await;
        if self.hear(Stage::Preparing, |ran| diagnostic::of_text(&ran.err)) {
            self.import(step, import, &named, &known.value).await;
        }
        self.session.restore_state(&real);
        self.session.lay_applied();
    }

    fn name(&self, import: &ImportVerify, known: &Stored) -> Result<Named, String> {
        if import.by == By::Identity {
            let none = format!("{} has no identity in the state", import.address);
            return if known.identity.is_object() { Ok(Named::Identity(known.identity.clone())) } else { Err(none) };
        }
        if let Some(id) = &import.id {
            return Ok(Named::Id(id.clone()));
        }
        let template = self.session.engines.iter().find_map(|engine| {
            let schema = engine.schema().resources.get(&known.type_name)?;
            schema.import.clone()
        });
        let none = || format!("a {} has no `import` template: say with `id` what it is imported by", known.type_name);
        Ok(Named::Id(filled(&template.ok_or_else(none)?, &known.value.is)?))
    }

    async fn import(&mut self, step: &Order, import: &ImportVerify, named: &Named, known: &Value) {
        if let (By::Command, Named::Id(id)) = (import.by, named) {
            self.run(&["import", "-no-color", &import.address, id]).await;
            if !self.hear(Stage::Planning, |ran| diagnostic::of_text(&ran.err)) {
                return;
            }
        } else {
            let mut layout = self.layout.clone();
            layout.files.insert(BLOCK.to_owned(), block(&import.address, named).into_bytes());
            if !self.lay(layout).await {
                return;
            }
        }
        if !self.plan(step, &[]).await || step.fails() {
            return;
        }
        let Some(plan) = self.show_plan(step, PLAN).await else { return };
        match plan.change(&import.address) {
            Some(change) => self.compare(step, import, known, change),
            None => self.stumble(step, &format!("{} in the plan", import.address), "it is not there".to_owned()),
        }
    }

    /// What the plan knew before it changes anything is what was imported; that it leaves it alone is the second test.
    fn compare(&mut self, step: &Order, import: &ImportVerify, known: &Value, change: &Change) {
        let ImportVerify { address, ignored, .. } = import;
        for difference in differences(known, &change.before, ignored) {
            let expected = format!("`{}` of {address}, imported, to be {}", difference.path, difference.left);
            self.stumble(step, &expected, difference.right);
        }
        if !matches!(change.deed, Deed::Act(Action::NoOp | Action::Update)) {
            let reason = reason(&change.forced_by.iter().cloned().collect());
            let expected = format!("after the import of {address}, a plan that keeps it");
            return self.stumble(step, &expected, format!("it is {}{reason}", change.deed.passive()));
        }
        let planned = differences(&change.before, &change.after, &[]);
        // What the provider computes is open as soon as anything is going to change.
        let has_cause = planned.iter().any(|difference| !difference.is_open);
        let counts =
            |difference: &Difference| !(is_below(&difference.path, ignored) || (has_cause && difference.is_open));
        for difference in planned.into_iter().filter(counts) {
            let expected = format!("after the import of {address}, a plan that leaves `{}` as it is", difference.path);
            self.stumble(step, &expected, format!("{} -> {}", difference.left, difference.right));
        }
    }
}

/// A configuration with nothing but the `import` block.
fn block(address: &str, named: &Named) -> String {
    let block = match named {
        Named::Id(id) => json!({ "to": address, "id": escaped(id) }),
        Named::Identity(identity) => json!({ "to": address, "identity": literal(identity) }),
    };
    json!({ "import": [block] }).to_string()
}

/// JSON as a value of a configuration in JSON, where texts are templates.
fn literal(json: &Json) -> Json {
    match json {
        Json::String(text) => Json::String(escaped(text)),
        Json::Array(elements) => elements.iter().map(literal).collect(),
        Json::Object(parts) => parts.iter().map(|(name, part)| (name.clone(), literal(part))).collect(),
        other => other.clone(),
    }
}

fn escaped(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// Whether a version such as `1.12.0-rc1` is not older.
fn is_at_least(version: &str, wanted: (u32, u32)) -> bool {
    let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::recorded;

    #[test]
    fn an_id_is_made_of_the_template_and_the_state() {
        let state = recorded(r#"{"town":"york","number":7,"tags":{}}"#);
        assert_eq!(filled("x:{town}/{number}!", &state).unwrap(), "x:york/7!");
        assert_eq!(filled("{tags}", &state).unwrap_err(), "`tags` of the state cannot stand in an id (\"{tags}\")");
    }

    #[test]
    fn an_identity_stands_in_a_configuration_as_it_is() {
        let identity = json!({ "name": "a${b}%{c}", "number": 7, "parts": ["${x}"] });
        let expected = json!({ "import": [{
            "to": "x_note.a[\"k\"]",
            "identity": { "name": "a$${b}%%{c}", "number": 7, "parts": ["$${x}"] },
        }] });
        let written: Json = serde_json::from_str(&block("x_note.a[\"k\"]", &Named::Identity(identity))).unwrap();
        assert_eq!(written, expected);
    }

    #[test]
    fn a_version_says_whether_there_are_identities() {
        for (version, has) in [("1.11.4", false), ("1.12.0-rc1", true), ("1.12.0", true), ("2.0.0", true), ("", false)]
        {
            assert_eq!(is_at_least(version, IDENTITY_SINCE), has, "{version}");
        }
    }
}
