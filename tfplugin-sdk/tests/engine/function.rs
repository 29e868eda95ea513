//! Functions: arguments checked and typed, errors at their argument.

use std::sync::Arc;

use tfplugin_sdk::engine::FunctionFailure;
use tfplugin_sdk::testing::terraform::{apply, plan};
use tfplugin_sdk::testing::{Callable, Core, recorded};
use tfplugin_sdk::{Dynamic, Error, Function, Object, Result, Value, path};

use crate::garden::{Settings, SettingsConfig, provider};
use crate::real_terraform::under_terraform;

/// Writes a label.
///
/// With a `title`, and a shout if asked for.
#[derive(Clone, Debug, PartialEq, Function)]
#[tf(name = "label")]
pub struct Label {
    /// Who it is for.
    #[tf(length(2..))]
    pub name: String,
    /// A title, or null.
    pub title: Option<String>,
    /// Whether to shout, if it is known.
    pub shout: Value<bool>,
    /// What follows.
    #[tf(variadic, range(1..=9))]
    pub digits: Vec<u8>,
}

/// What is on a label.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Written {
    /// The text.
    pub text: String,
    /// The sum of the digits.
    pub sum: u32,
}

impl Function for Label {
    type Output = Written;

    fn call(self) -> Result<Written> {
        match self.name.as_str() {
            "nobody" => return Err(Error::new("Nobody reads it").detail("Name somebody.").at(path!(name))),
            "panic" => panic!("no ink"),
            _ => {}
        }
        if let Some(position) = self.digits.iter().position(|digit| *digit == 7) {
            return Err(Error::new("Not seven").at(path!(digits).index(position)));
        }
        let mut text = [self.title.unwrap_or_default(), self.name].join(" ").trim().to_owned();
        if self.shout == Value::Known(true) {
            text = text.to_uppercase();
        }
        Ok(Written { text, sum: self.digits.into_iter().map(u32::from).sum() })
    }
}

async fn label() -> Callable<Label> {
    let settings = SettingsConfig { owner: Value::Known("ann".into()), key: Value::Null };
    let provider = provider(&Arc::default()).function::<Label>();
    Core::start::<_, Settings>(provider, &settings).await.unwrap().function()
}

fn of(name: &str, digits: &[u8]) -> Label {
    Label { name: name.into(), title: None, shout: Value::Null, digits: digits.to_vec() }
}

fn refused(failure: Result<Written, FunctionFailure>) -> (String, Option<usize>) {
    let FunctionFailure { text, argument } = failure.unwrap_err();
    (text, argument)
}

#[tokio::test]
async fn arguments_become_fields_and_further_ones_the_variadic_field() {
    let found = label().await.call(&of("ann", &[1, 2])).unwrap();
    assert_eq!(found, Written { text: "ann".into(), sum: 3 });
    let shouted = Label { title: Some("dr".into()), shout: Value::Known(true), ..of("ann", &[]) };
    assert_eq!(label().await.call(&shouted).unwrap().text, "DR ANN");
}

#[tokio::test]
async fn an_error_names_its_argument() {
    let label = label().await;
    let expected = "Invalid value for `name`: `name` must have at least 2 characters; \"a\" was given.";
    assert_eq!(refused(label.call(&of("a", &[]))), (expected.into(), Some(0)));
    assert_eq!(refused(label.call(&of("nobody", &[]))), ("Nobody reads it: Name somebody.".into(), Some(0)));
    assert_eq!(refused(label.call(&of("ann", &[1, 7]))), ("Not seven".into(), Some(4)));
    let (text, argument) = refused(label.call(&of("ann", &[1, 0])));
    assert!(text.contains("must be a whole number from 1 to 9; 0 was given") && argument == Some(4), "{text}");
    let (text, argument) = refused(label.call(&of("panic", &[])));
    assert!(text.contains("met while calling label") && text.contains("no ink") && argument.is_none(), "{text}");
}

#[tokio::test]
async fn what_is_not_known_makes_the_result_unknown_where_the_parameter_does_not_take_it() {
    let label = label().await;
    let text = |text: &str| Dynamic::String(text.into());
    let result = label.call_with(vec![Dynamic::unknown(), Dynamic::Null, Dynamic::Null]).unwrap();
    assert!(result.is_unknown());
    let result = label.call_with(vec![text("ann"), Dynamic::Null, Dynamic::unknown()]).unwrap();
    assert_eq!(*result.attribute("text"), text("ann"));
}

#[tokio::test]
async fn null_and_too_few_arguments_are_refused() {
    let label = label().await;
    let failure = label.call_with(vec![Dynamic::Null, Dynamic::Null, Dynamic::Null]).unwrap_err();
    assert_eq!(
        (failure.text.as_str(), failure.argument),
        ("Missing value for `name`: `name` is required; null was given.", Some(0))
    );
    let failure = label.call_with(vec![Dynamic::Null]).unwrap_err();
    assert_eq!(failure.text, "Wrong number of arguments: It takes 3 arguments; 1 were given.");
}

#[tokio::test]
async fn terraform_calls_it_and_shows_errors_at_the_argument() {
    let output = |arguments: &str| format!("output \"l\" {{ value = provider::sample::label({arguments}) }}\n");
    under_terraform(provider(&Arc::default()).function::<Label>())
        .steps([
            apply(output("\"ann\", \"dr\", true, 1, 2, 3")).output("l", recorded(r#"{"text":"DR ANN","sum":6}"#)),
            plan(output("\"ann\", null, false, 1, 7"))
                .fails("Invalid value for \"digits\" parameter: Not seven")
                .at("output.l", path!(value)),
            plan(output("\"a\", null, false")).fails("Invalid value for \"name\" parameter: Invalid value for `name`"),
        ])
        .await;
}
