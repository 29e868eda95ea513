//! A case of a rule: a request that is accepted, and the one thing changed for which the rule refuses it.

use std::sync::Arc;

use clb_model::rules::Rule;
use clb_simulator::Simulator;
use clb_simulator::rule_book::WireRule;
use serde_json::{Value, json};

use crate::door::{Answer, Signed, service_of};
use crate::stage::{Stage, Who, simulator};

/// A rule of the model or of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    Model(Rule),
    Wire(WireRule),
}

impl From<Rule> for Said {
    fn from(rule: Rule) -> Self {
        Self::Model(rule)
    }
}

impl From<WireRule> for Said {
    fn from(rule: WireRule) -> Self {
        Self::Wire(rule)
    }
}

impl Said {
    pub fn id(self) -> &'static str {
        match self {
            Self::Model(rule) => rule.id(),
            Self::Wire(rule) => rule.id(),
        }
    }

    /// What the message has to contain when a case does not say it: rules of the model are told in their own words.
    fn words(self) -> &'static str {
        match self {
            Self::Model(rule) => rule.sentence(),
            Self::Wire(_) => "",
        }
    }
}

/// What makes the accepted request a refused one.
#[derive(Clone, Debug)]
enum Change {
    /// Other arguments: merged into those that pass; null takes one away.
    Arguments(Value),
    /// As many of it as there may be.
    Often(usize),
    /// Something that was done before.
    First(Vec<(&'static str, Value)>),
    /// Another way of sending it.
    Sent(fn(&mut Signed)),
    /// Somebody else who asks.
    Asked(Who),
}

/// A case of a rule.
#[derive(Clone, Debug)]
pub struct Case {
    pub rule: Said,
    pub code: &'static str,
    pub action: &'static str,
    passes: Value,
    changes: Vec<Change>,
    says: Option<&'static str>,
    before: Vec<Step>,
}

/// Something to do before a request.
#[derive(Clone, Debug)]
enum Step {
    /// It has to be there.
    Thing(&'static str),
    /// It has to be done; what it made gets that name, read at that place of the reply.
    Call(&'static str, Value, Option<(&'static str, &'static str)>),
}

/// The request `passes` is accepted, and refused with that code when `wrong` is merged into it.
pub fn case(rule: impl Into<Said>, code: &'static str, action: &'static str, passes: Value, wrong: Value) -> Case {
    let changes = vec![Change::Arguments(wrong)];
    let rule = rule.into();
    Case { rule, code, action, passes, changes, says: None, before: Vec::new() }
}

/// The request is accepted so many times, and then refused.
pub fn crowd(rule: impl Into<Said>, code: &'static str, action: &'static str, passes: Value, times: usize) -> Case {
    Case { changes: vec![Change::Often(times)], ..case(rule, code, action, passes, json!({})) }
}

/// The request is refused once something else has been done, and accepted in another world where it has not.
pub fn once(
    rule: impl Into<Said>,
    code: &'static str,
    action: &'static str,
    passes: Value,
    first: &[(&'static str, Value)],
) -> Case {
    Case { changes: vec![Change::First(first.to_vec())], ..case(rule, code, action, passes, json!({})) }
}

/// The request is refused when it is sent in another way.
pub fn sent(
    rule: impl Into<Said>,
    code: &'static str,
    action: &'static str,
    passes: Value,
    other: fn(&mut Signed),
) -> Case {
    Case { changes: vec![Change::Sent(other)], ..case(rule, code, action, passes, json!({})) }
}

/// The request is refused to the account that is not admitted to the beta.
pub fn closed(rule: impl Into<Said>, code: &'static str, action: &'static str, passes: Value) -> Case {
    Case { changes: vec![Change::Asked(Who::Closed)], ..case(rule, code, action, passes, json!({})) }
}

impl Case {
    /// It is refused with this merged into it, too.
    pub fn or(mut self, wrong: Value) -> Self {
        self.changes.push(Change::Arguments(wrong));
        self
    }

    /// The message has this text.
    pub fn says(mut self, text: &'static str) -> Self {
        self.says = Some(text);
        self
    }

    /// After this has been done.
    pub fn after(mut self, action: &'static str, arguments: Value) -> Self {
        self.before.push(Step::Call(action, arguments, None));
        self
    }

    /// When that is there.
    pub fn given(mut self, name: &'static str) -> Self {
        self.before.push(Step::Thing(name));
        self
    }

    /// It is refused when it is sent in that way, too.
    pub fn or_sent(mut self, other: fn(&mut Signed)) -> Self {
        self.changes.push(Change::Sent(other));
        self
    }

    /// After this has been done, and what it made has got a name.
    pub fn with(mut self, name: &'static str, pointer: &'static str, action: &'static str, arguments: Value) -> Self {
        self.before.push(Step::Call(action, arguments, Some((name, pointer))));
        self
    }

    async fn run(&self, number: usize, simulator: &Simulator) {
        for (change_number, change) in self.changes.iter().enumerate() {
            let name = format!("{number}.{change_number}");
            let mut stage = self.stage(simulator, &name, Who::Admitted).await;
            match change {
                Change::Arguments(wrong) => {
                    self.is_refused(&mut stage, &merged(&self.passes, wrong), |_| {}).await;
                    stage.done(self.action, &self.passes).await;
                }
                Change::Often(times) => {
                    for _ in 0..*times {
                        stage.done(self.action, &self.passes).await;
                    }
                    self.is_refused(&mut stage, &self.passes, |_| {}).await;
                }
                Change::First(first) => {
                    stage.done(self.action, &self.passes).await;
                    let mut stage = self.stage(simulator, &format!("{name}.first"), Who::Admitted).await;
                    for (action, arguments) in first {
                        stage.done(action, arguments).await;
                    }
                    self.is_refused(&mut stage, &self.passes, |_| {}).await;
                }
                Change::Sent(other) => {
                    self.is_refused(&mut stage, &self.passes, *other).await;
                    stage.done(self.action, &self.passes).await;
                }
                Change::Asked(who) => {
                    let mut other = self.stage(simulator, &name, *who).await;
                    self.is_refused(&mut other, &self.passes, |_| {}).await;
                    stage.done(self.action, &self.passes).await;
                }
            }
        }
    }

    async fn stage(&self, simulator: &Simulator, name: &str, who: Who) -> Stage {
        let mut stage = Stage::new(simulator, name, who);
        for step in &self.before {
            match step {
                Step::Thing(name) => drop(stage.id(name).await),
                Step::Call(action, arguments, named) => {
                    let reply = stage.done(action, arguments).await;
                    if let Some((name, pointer)) = named {
                        stage.call_it(name, &reply, pointer);
                    }
                }
            }
        }
        stage
    }

    async fn is_refused(&self, stage: &mut Stage, arguments: &Value, other: fn(&mut Signed)) {
        let id = self.rule.id();
        match stage.ask_so(self.action, arguments, other).await {
            Answer::Refused { code, message } => {
                assert_eq!(code, self.code, "{id}: {} {arguments}: {message}", self.action);
                let words = self.says.unwrap_or_else(|| self.rule.words());
                assert!(message.contains(words), "{id}: {} {arguments}: `{words}` is not in: {message}", self.action);
            }
            Answer::Accepted(reply) => panic!("{id}: {} {arguments} is accepted: {reply}", self.action),
        }
    }

    /// The action without its service.
    pub fn action_name(&self) -> &'static str {
        service_of(self.action).1
    }
}

/// Runs cases, each in worlds of its own, and says which of them fail.
pub async fn run(cases: Vec<Case>) {
    let simulator = Arc::new(simulator().await);
    let mut failed = Vec::new();
    for (number, case) in cases.into_iter().enumerate() {
        let simulator = Arc::clone(&simulator);
        let name = format!("{}: {}", case.rule.id(), case.action);
        if tokio::spawn(async move { case.run(number, &simulator).await }).await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// One value over the other: objects entry by entry, a null takes an entry away.
pub fn merged(below: &Value, above: &Value) -> Value {
    let (Value::Object(below), Value::Object(above)) = (below, above) else { return above.clone() };
    let mut merged_entries = below.clone();
    for (name, value) in above {
        if value.is_null() {
            merged_entries.remove(name);
        } else {
            let entry = merged_entries.entry(name.clone()).or_insert(Value::Null);
            *entry = if entry.is_object() { merged(entry, value) } else { value.clone() };
        }
    }
    Value::Object(merged_entries)
}

/// A request for a QUIC listener on `$lb`.
pub fn quic(port: u16) -> Value {
    json!({
        "LoadBalancerId": "$lb", "Protocol": "QUIC", "Ports": [port], "Certificate": {"CertId": "$svr"},
    })
}
