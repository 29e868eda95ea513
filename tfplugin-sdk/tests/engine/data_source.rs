//! Data sources: validated, read, and held to what they were asked.

use std::sync::Arc;

use tfplugin_sdk::engine::Caller;
use tfplugin_sdk::testing::terraform::{apply, null, plan};
use tfplugin_sdk::testing::{Core, Lookup};
use tfplugin_sdk::{DataSource, Dynamic, Error, Operation, Report, Result, Value, path};

use crate::garden::{Settings, SettingsConfig, Town, provider};
use crate::lines;
use crate::real_terraform::under_terraform;

/// Counts the gardens of a town.
#[derive(Clone, Debug, PartialEq, DataSource)]
#[tf(name = "sample_census")]
pub struct Census {
    /// Name of the town.
    #[tf(length(2..))]
    pub town: String,
    /// The least length of a fence that counts.
    pub fence: Option<f64>,
    /// Whether small plots count.
    #[tf(default = true)]
    pub small: bool,
    /// The gardens there are.
    #[tf(computed)]
    pub gardens: u32,
    /// Who counted, unless the user says.
    #[tf(optional, computed)]
    pub counted_by: String,
}

impl DataSource for Census {
    type Api = Arc<Town>;

    async fn read(operation: &mut Operation<'_, Arc<Town>>, input: CensusInput) -> Result<Self> {
        let CensusInput { town, fence, small, counted_by } = input;
        match town.as_str() {
            "atlantis" => return Err(Error::new("It has sunk").at(path!(town))),
            "babel" => panic!("nobody understands a word"),
            "elsewhere" => operation.warn(path!(town), "It is far away", "The answer may be old."),
            _ => {}
        }
        let gardens = operation.api().state().gardens.len().try_into()?;
        let town = if town == "liar" { "honest".to_owned() } else { town };
        let counted_by = counted_by.unwrap_or_else(|| "town".to_owned());
        Ok(Self { town, fence, small, gardens, counted_by })
    }

    fn validate(config: &CensusConfig, report: &mut Report) {
        if config.small == Value::Known(false) && config.fence.is_null() {
            report.error(path!(fence), "Nothing to go by", "Set `fence` where small plots do not count.");
        }
    }
}

async fn census() -> Lookup<Census> {
    let settings = SettingsConfig { owner: Value::Known("ann".into()), key: Value::Null };
    let provider = provider(&Arc::default()).data_source::<Census>();
    Core::start::<_, Settings>(provider, &settings).await.unwrap().data_source()
}

fn of(town: &str) -> CensusConfig {
    CensusConfig { town: Value::Known(town.into()), ..CensusConfig::default() }
}

#[tokio::test]
async fn what_is_not_set_gets_its_default_or_is_answered() {
    let found = census().await.read(&of("york")).await.unwrap();
    let expected = Census { town: "york".into(), fence: None, small: true, gardens: 0, counted_by: "town".into() };
    assert_eq!(found, expected);
    let config = CensusConfig { counted_by: Value::Known("ann".into()), ..of("york") };
    assert_eq!(census().await.read(&config).await.unwrap().counted_by, "ann");
}

#[tokio::test]
async fn rules_of_attributes_and_of_the_author_are_reported_at_once() {
    let config = CensusConfig { small: Value::Known(false), ..of("y") };
    let found = census().await.read(&config).await.unwrap_err();
    assert_eq!(
        lines(&found),
        [
            "town: Invalid value for `town`: `town` must have at least 2 characters; \"y\" was given.",
            "fence: Nothing to go by: Set `fence` where small plots do not count.",
        ]
    );
}

#[tokio::test]
async fn an_error_and_a_panic_of_the_author_become_diagnostics() {
    let failed = census().await.read(&of("atlantis")).await.unwrap_err();
    assert_eq!(lines(&failed), ["town: It has sunk: "]);
    let panicked = census().await.read(&of("babel")).await.unwrap_err();
    let [line] = &lines(&panicked)[..] else { panic!("{panicked:?}") };
    assert!(line.contains("met while reading a sample_census") && line.contains("nobody understands"), "{line}");
}

#[tokio::test]
async fn an_answer_to_another_question_is_a_bug_of_the_provider_at_its_attribute() {
    let found = census().await.read(&of("liar")).await.unwrap_err();
    let [line] = &lines(&found)[..] else { panic!("{found:?}") };
    assert!(line.starts_with("town: The provider answered something else than it was asked"), "{line}");
    assert!(line.contains("`town` must be \"liar\", as the configuration says, and is \"honest\""), "{line}");
}

#[tokio::test]
async fn a_data_source_that_is_not_there_and_one_that_is_not_known_yet_are_refused() {
    let engine = provider(&Arc::default()).data_source::<Census>().into_engine();
    let found = engine.read_data_source("sample_nothing", Dynamic::Null, Caller::default()).await.unwrap_err();
    assert_eq!(found.diagnostics()[0].summary, "Unknown data source type");
    let found = engine.read_data_source("sample_census", Dynamic::Null, Caller::default()).await.unwrap_err();
    assert_eq!(found.diagnostics()[0].summary, "The provider is not configured");
}

#[test]
fn two_data_sources_of_one_name_are_found() {
    let provider = provider(&Arc::default()).data_source::<Census>().data_source::<Census>();
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| provider.assert_valid())).unwrap_err();
    let text = found.downcast_ref::<String>().unwrap();
    assert!(text.ends_with("data source sample_census: registered twice"), "{text}");
}

#[tokio::test]
async fn terraform_reads_it_while_planning_and_shows_its_warnings_and_errors() {
    let census = |town: &str| {
        format!(
            "data \"sample_census\" \"c\" {{ town = \"{town}\" }}\noutput \"c\" {{ value = data.sample_census.c }}\n"
        )
    };
    under_terraform(provider(&Arc::default()).data_source::<Census>())
        .steps([
            apply(census("elsewhere"))
                .warns("It is far away: The answer may be old.")
                .at("data.sample_census.c", path!(town))
                .state("data.sample_census.c", path!(counted_by), "town")
                .state("data.sample_census.c", path!(gardens), 0)
                .state("data.sample_census.c", path!(small), true)
                .state("data.sample_census.c", path!(fence), null()),
            plan(census("atlantis")).fails("It has sunk").at("data.sample_census.c", path!(town)),
        ])
        .await;
}
