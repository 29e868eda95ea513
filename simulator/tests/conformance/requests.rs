//! Checks of requests: a required argument that is left out, an unknown one, one of the wrong JSON type, and each
//! documented one accepted as such, at every depth.

use serde_json::{Map, Value, json};

use crate::baseline::Check;
use crate::contract::{Action, Contract, Field};
use crate::door::Door;

/// Structures in structures in structures: no documented request is deeper.
const DEEPEST: usize = 6;

/// A documented argument and how to get there.
struct Argument<'a> {
    field: &'a Field,
    /// The fields above it, outermost first.
    above: Vec<&'a Field>,
}

pub async fn checks(contract: &Contract, action: &Action, door: &mut Door) -> Vec<Check> {
    let mut checker = Checker { contract, action, served: true, door, checks: Vec::new() };
    checker.served = checker.is_served().await;
    checker.unknown(&[]).await;
    for argument in arguments(contract, action) {
        if argument.field.required {
            checker.left_out(&argument).await;
        }
        checker.wrong_type(&argument).await;
        checker.accepted(&argument).await;
        if contract.structure(&action.service, &argument.field.of).is_some() {
            checker.unknown(&argument.path_fields()).await;
        }
    }
    checker.checks
}

struct Checker<'a> {
    contract: &'a Contract,
    action: &'a Action,
    served: bool,
    door: &'a mut Door,
    checks: Vec<Check>,
}

impl<'a> Argument<'a> {
    fn path_fields(&self) -> Vec<&'a Field> {
        self.above.iter().copied().chain([self.field]).collect()
    }
}

/// Every argument at every depth, outer ones first.
fn arguments<'a>(contract: &'a Contract, action: &'a Action) -> Vec<Argument<'a>> {
    let mut found: Vec<Argument<'a>> =
        action.request.iter().map(|field| Argument { field, above: Vec::new() }).collect();
    let mut next = 0;
    while next < found.len() {
        let above = found[next].path_fields();
        let deeper = contract.structure(&action.service, &found[next].field.of).unwrap_or_default();
        if above.len() < DEEPEST {
            found.extend(deeper.iter().map(|field| Argument { field, above: above.clone() }));
        }
        next += 1;
    }
    found
}

/// `Targets[].Port`, as a check is named.
fn title(fields: &[&Field]) -> String {
    let parts: Vec<String> =
        fields.iter().map(|field| format!("{}{}", field.name, if field.is_list { "[]" } else { "" })).collect();
    parts.join(".").trim_end_matches("[]").to_owned()
}

/// `Targets.0.Port`, as a message names it.
fn path(fields: &[&Field]) -> String {
    let parts: Vec<String> =
        fields.iter().map(|field| format!("{}{}", field.name, if field.is_list { ".0" } else { "" })).collect();
    let path = parts.join(".");
    path.strip_suffix(".0").unwrap_or(&path).to_owned()
}

impl Checker<'_> {
    async fn ask(&mut self, arguments: &Map<String, Value>) -> (String, String) {
        let Action { service, version, name, .. } = self.action;
        let reply = self.door.ask(service, version, name, &Value::Object(arguments.clone())).await;
        let text = |key: &str| reply["Error"][key].as_str().unwrap_or_default().to_owned();
        (text("Code"), text("Message"))
    }

    async fn is_served(&mut self) -> bool {
        let (code, message) = self.ask(&Map::new()).await;
        code != "InvalidAction" && !message.starts_with("The action ")
    }

    fn add(&mut self, name: &str, passed: bool) {
        let name = format!("{} request {name}", self.action.title());
        self.checks.push(Check { name, passed: passed && self.served });
    }

    async fn left_out(&mut self, argument: &Argument<'_>) {
        let fields = argument.path_fields();
        let mut arguments = self.with(&fields, self.sample(argument.field, 0));
        remove(&mut arguments, &fields);
        let (code, message) = self.ask(&arguments).await;
        let passed = code == "MissingParameter" && message.contains(&format!("`{}`", path(&fields)));
        self.add(&format!("{} left-out", title(&fields)), passed);
    }

    async fn unknown(&mut self, structure: &[&Field]) {
        let mut arguments = self.required(&self.action.request.clone(), 0);
        let mut named = "NoSuchArgument".to_owned();
        let mut shown = named.clone();
        if let [.., innermost] = structure {
            let mut value = self.sample(innermost, 0);
            let object = if innermost.is_list { &mut value[0] } else { &mut value };
            object["NoSuchArgument"] = json!(1);
            arguments = self.with(structure, value);
            let place = if innermost.is_list { ".0" } else { "" };
            named = format!("{}{place}.NoSuchArgument", path(structure));
            shown = format!("{}.NoSuchArgument", title(structure));
        } else {
            arguments.insert(named.clone(), json!(1));
        }
        let (code, message) = self.ask(&arguments).await;
        let passed = code == "UnknownParameter" && message.contains(&format!("`{named}`"));
        self.add(&format!("{shown} unknown"), passed);
    }

    async fn wrong_type(&mut self, argument: &Argument<'_>) {
        let fields = argument.path_fields();
        let wrong = match argument.field.of.as_str() {
            _ if argument.field.is_list => json!({}),
            "string" => json!(7),
            "int64" | "uint64" | "float64" => json!("7"),
            "bool" => json!("true"),
            _ => json!("x"),
        };
        let (code, message) = self.ask(&self.with(&fields, wrong)).await;
        let passed = code == "InvalidParameter" && message.contains(&format!("`{}` is ", path(&fields)));
        self.add(&format!("{} wrong-type", title(&fields)), passed);
    }

    async fn accepted(&mut self, argument: &Argument<'_>) {
        let fields = argument.path_fields();
        let (code, message) = self.ask(&self.with(&fields, self.sample(argument.field, 0))).await;
        let refused = code == "UnknownParameter"
            || message.contains("is missing a required parameter `")
            || message.starts_with("A parameter has the wrong type");
        self.add(&format!("{} accepted", title(&fields)), !refused);
    }

    /// The required arguments, and a value at that place, with what is required around it.
    fn with(&self, fields: &[&Field], value: Value) -> Map<String, Value> {
        let mut value = value;
        for (depth, above) in fields.iter().enumerate().rev().skip(1) {
            let mut object = match self.contract.structure(&self.action.service, &above.of) {
                Some(fields) => self.required(fields, 1),
                None => Map::new(),
            };
            object.insert(fields[depth + 1].name.clone(), value);
            value = if above.is_list { json!([object]) } else { Value::Object(object) };
        }
        let mut arguments = self.required(&self.action.request, 0);
        arguments.insert(fields[0].name.clone(), value);
        arguments
    }

    fn required(&self, fields: &[Field], depth: usize) -> Map<String, Value> {
        let required = fields.iter().filter(|field| field.required);
        required.map(|field| (field.name.clone(), self.sample(field, depth))).collect()
    }

    /// A value of the documented type.
    fn sample(&self, field: &Field, depth: usize) -> Value {
        let value = match field.of.as_str() {
            "string" => json!("x"),
            "int64" | "uint64" => json!(1),
            "float64" => json!(1.5),
            "bool" => json!(true),
            name => match self.contract.structure(&self.action.service, name) {
                Some(fields) if depth < DEEPEST => Value::Object(self.required(fields, depth + 1)),
                _ => json!({}),
            },
        };
        if field.is_list { json!([value]) } else { value }
    }
}

/// Takes the innermost of the fields away again.
fn remove(arguments: &mut Map<String, Value>, fields: &[&Field]) {
    let Some((innermost, above)) = fields.split_last() else { return };
    let mut object = arguments;
    for field in above {
        let value = object.get_mut(&field.name).expect("it was put there");
        let value = if field.is_list { &mut value[0] } else { value };
        object = value.as_object_mut().expect("a structure");
    }
    object.remove(&innermost.name);
}
