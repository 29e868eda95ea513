//! What is documented, and how that is written down: one line per name, nothing in prose.
//!
//! ```text
//! service clb 2018-03-17
//! struct Target
//! field Port int64 required
//! action RegisterTargets async
//! codes FailedOperation InternalError
//! in Targets list<Target> required
//! out RequestId string
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

/// Everything that is documented.
pub struct Contract {
    pub actions: Vec<Action>,
    /// By service and name.
    structures: BTreeMap<(String, String), Vec<Field>>,
}

/// An action.
#[derive(Clone)]
pub struct Action {
    pub service: String,
    pub version: String,
    pub name: String,
    pub request: Vec<Field>,
    pub reply: Vec<Field>,
    pub codes: Vec<String>,
}

/// A field of a request, of a reply or of a structure.
#[derive(Clone)]
pub struct Field {
    pub name: String,
    /// `string`, `bool`, `int64`, `uint64`, `float64` or the name of a structure; what a list has entries of.
    pub of: String,
    pub is_list: bool,
    pub required: bool,
    pub nullable: bool,
}

pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/contract.txt")
}

/// What the research notes say, as lines.
pub fn derived(notes: &Value) -> String {
    let mut text = String::from(
        "# Derived: names, types, flags and documented codes of the actions around CLB. See main.rs for how.\n",
    );
    for (service, described) in object(&notes["services"]) {
        let _ = writeln!(text, "service {service} {}", described["api_version"].as_str().expect("a version"));
        for (name, structure) in object(&described["structures"]) {
            let _ = writeln!(text, "struct {name}");
            add_fields(&mut text, "field", &structure["fields"]);
        }
        for (name, action) in object(&described["actions"]) {
            let _ = writeln!(text, "action {name} {}", action["mode"].as_str().expect("a mode"));
            let codes: Vec<&str> = list(&action["error_codes"]).iter().filter_map(Value::as_str).collect();
            if !codes.is_empty() {
                let _ = writeln!(text, "codes {}", codes.join(" "));
            }
            add_fields(&mut text, "in", &action["request"]);
            add_fields(&mut text, "out", &action["response"]);
        }
    }
    text
}

fn add_fields(text: &mut String, word: &str, fields: &Value) {
    for field in list(fields) {
        let of = |key: &str| field[key].as_str().expect("a text");
        let _ = write!(text, "{word} {} {}", of("name"), of("type"));
        // A structure that is not described may be answered as null.
        for (flag, words) in [("required", "required"), ("nullable", "nullable"), ("opaque", "nullable")] {
            if field[flag] == Value::Bool(true) && !text.ends_with(words) {
                let _ = write!(text, " {words}");
            }
        }
        text.push('\n');
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Contract {
    /// The committed one.
    pub fn committed() -> Self {
        Self::read(&std::fs::read_to_string(path()).expect("contract.txt"))
    }

    fn read(text: &str) -> Self {
        let mut contract = Self { actions: Vec::new(), structures: BTreeMap::new() };
        let (mut service, mut version, mut structure) = (String::new(), String::new(), String::new());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["service", name, of] => (service, version) = (name.to_owned(), of.to_owned()),
                ["struct", name] => {
                    name.clone_into(&mut structure);
                    contract.structures.entry((service.clone(), structure.clone())).or_default();
                }
                ["field", name, of, ref flags @ ..] => {
                    let fields = contract.structures.entry((service.clone(), structure.clone())).or_default();
                    fields.push(field(name, of, flags));
                }
                ["action", name, _] => contract.actions.push(Action {
                    service: service.clone(),
                    version: version.clone(),
                    name: name.to_owned(),
                    request: Vec::new(),
                    reply: Vec::new(),
                    codes: Vec::new(),
                }),
                ["codes", ref codes @ ..] => {
                    contract.newest().codes = codes.iter().map(|code| (*code).to_owned()).collect();
                }
                ["in", name, of, ref flags @ ..] => contract.newest().request.push(field(name, of, flags)),
                ["out", name, of, ref flags @ ..] => contract.newest().reply.push(field(name, of, flags)),
                _ => panic!("contract.txt: {line}"),
            }
        }
        contract
    }

    fn newest(&mut self) -> &mut Action {
        self.actions.last_mut().expect("an action line before its fields")
    }

    /// The fields of a structure; `None` when it is not described.
    pub fn structure(&self, service: &str, name: &str) -> Option<&[Field]> {
        self.structures.get(&(service.to_owned(), name.to_owned())).map(Vec::as_slice)
    }
}

fn field(name: &str, of: &str, flags: &[&str]) -> Field {
    let entry = of.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>'));
    Field {
        name: name.to_owned(),
        of: entry.unwrap_or(of).to_owned(),
        is_list: entry.is_some(),
        required: flags.contains(&"required"),
        nullable: flags.contains(&"nullable"),
    }
}

impl Action {
    /// `clb:CreateListener`.
    pub fn title(&self) -> String {
        format!("{}:{}", self.service, self.name)
    }
}
