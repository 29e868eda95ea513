//! Who asks: what a module says of itself, whether "not yet" is an answer, what an older Terraform does not know.

use std::sync::{Arc, Mutex};

use tfplugin_sdk::engine::{ApplyRequest, Caller, ImportBy, ImportRequest, PlanRequest, ReadRequest};
use tfplugin_sdk::testing::terraform::{Terraform, apply};
use tfplugin_sdk::{
    Context, DataSource, Deferral, Dynamic, Engine, Error, Operation, PlanEdit, Provider, ProviderConfig, Resource,
    Result, Secret, Value, path,
};

use crate::garden::Town;
use crate::lines;

/// The provider block.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Settings {
    /// Who owns the railway.
    pub owner: Option<String>,
}

/// Who wrote a module.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Author {
    /// Their team.
    #[tf(length(2..))]
    pub team: String,
}

/// A train.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_train", import = "{line}")]
pub struct Train {
    /// On which line.
    pub line: String,
    /// Word that opens the doors.
    #[tf(write_only)]
    pub word_wo: Option<Secret<String>>,
}

/// The lines there are, and which teams asked for what.
type Railway = Arc<Mutex<Vec<String>>>;

/// No train without a line.
fn no_line(line: &str) -> Error {
    let error = Error::new("There is no line").detail(format!("Build {line} first.")).at(path!(line));
    error.or_deferred(Deferral::PrerequisiteAbsent)
}

fn note(railway: &Railway, what: &str, team: Option<Author>) {
    railway.lock().unwrap().push(format!("{what} for {}", team.map_or("nobody".to_owned(), |author| author.team)));
}

impl Resource for Train {
    type Api = Railway;

    async fn create(cx: &mut Context<'_, Self>, plan: TrainPlan) -> Result<Self> {
        note(cx.api(), "create", cx.meta()?);
        Ok(Self { line: plan.line, word_wo: None })
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        note(cx.api(), "read", cx.meta()?);
        if state.line == "ghost" { Err(no_line("ghost")) } else { Ok(Some(state)) }
    }

    async fn delete(cx: &mut Context<'_, Self>, _: Self) -> Result<()> {
        note(cx.api(), "delete", cx.meta()?);
        Ok(())
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        if let Some(railway) = plan.api {
            note(railway, "plan", plan.meta()?);
        }
        if let Some(earlier) = &plan.earlier {
            plan.private.set("earlier", earlier.text("kept").unwrap_or("nothing"));
        }
        plan.private.set("kept", "this");
        match &plan.planned.line {
            Value::Known(line) if line == "ghost" => Err(no_line(line)),
            Value::Known(line) if line == "wreck" => Err(no_line(line).and(Error::new("And no train"))),
            Value::Unknown(_) => Err(Error::new("Which line?").or_deferred(Deferral::ConfigUnknown)),
            _ => Ok(()),
        }
    }

    async fn import(_: &mut Context<'_, Self>, id: TrainImport) -> Result<Option<Self>> {
        Err(no_line(&id.line))
    }
}

/// The stations of a line.
#[derive(Clone, Debug, PartialEq, DataSource)]
#[tf(name = "sample_stations")]
pub struct Stations {
    /// Of which line.
    pub line: String,
    /// Their number.
    #[tf(computed)]
    pub number: u32,
}

impl DataSource for Stations {
    type Api = Railway;

    async fn read(operation: &mut Operation<'_, Railway>, input: StationsInput) -> Result<Self> {
        note(operation.api(), "stations", operation.meta()?);
        if input.line == "ghost" { Err(no_line("ghost")) } else { Ok(Self { line: input.line, number: 3 }) }
    }
}

fn provider<A: Send + Sync + Clone + 'static>(api: &A) -> Provider<A> {
    let api = api.clone();
    Provider::new::<Settings, _>("sample/garden", move |_: SettingsConfig| {
        let api = api.clone();
        async move { Ok(Some(api)) }
    })
    .meta::<Author>()
}

async fn engine(railway: &Railway) -> Engine {
    let engine = provider(railway).resource::<Train>().data_source::<Stations>().into_engine();
    assert!(engine.configure(object([("owner", Dynamic::Null)])).await.is_empty());
    engine
}

fn object<const N: usize>(parts: [(&str, Dynamic); N]) -> Dynamic {
    Dynamic::Object(parts.map(|(name, part)| (name.to_owned(), part)).into())
}

fn text(text: &str) -> Dynamic {
    Dynamic::String(text.to_owned())
}

fn train(line: Dynamic) -> Dynamic {
    object([("line", line), ("word_wo", Dynamic::Null)])
}

fn creation(line: Dynamic, caller: Caller) -> PlanRequest {
    PlanRequest {
        type_name: "sample_train".into(),
        prior: Dynamic::Null,
        proposed: train(line.clone()),
        config: train(line),
        prior_private: Vec::new(),
        earlier_private: Vec::new(),
        prior_identity: Dynamic::Null,
        caller,
    }
}

fn patient() -> Caller {
    Caller { may_defer: true, ..Caller::default() }
}

#[tokio::test]
async fn a_plan_is_put_off_where_terraform_can_and_fails_where_it_cannot() {
    let engine = engine(&Railway::default()).await;
    for (line, deferral) in
        [(text("ghost"), Deferral::PrerequisiteAbsent), (Dynamic::unknown(), Deferral::ConfigUnknown)]
    {
        let plan = engine.plan_resource(creation(line.clone(), patient())).await;
        assert_eq!((plan.deferred, plan.report.is_empty()), (Some(deferral), true));
        assert_eq!(*plan.planned.attribute("line"), line, "what can be planned is");
        let plan = engine.plan_resource(creation(line, Caller::default())).await;
        assert!(plan.deferred.is_none() && plan.report.has_errors());
    }
    let plan = engine.plan_resource(creation(text("main"), patient())).await;
    assert_eq!((plan.deferred, plan.report.is_empty()), (None, true));
}

#[tokio::test]
async fn reads_imports_and_data_sources_are_put_off_too() {
    let engine = engine(&Railway::default()).await;
    for (caller, may) in [(patient(), true), (Caller::default(), false)] {
        let deferral = may.then_some(Deferral::PrerequisiteAbsent);
        let read = ReadRequest {
            type_name: "sample_train".into(),
            state: train(text("ghost")),
            private: b"kept".to_vec(),
            identity: Dynamic::Null,
            caller: caller.clone(),
        };
        let read = engine.read_resource(read).await;
        assert_eq!((read.deferred, read.report.has_errors(), &read.private[..]), (deferral, !may, &b"kept"[..]));
        assert_eq!(read.state, train(text("ghost")), "what is stored stays");

        let by = ImportBy::Id("ghost".into());
        let import = ImportRequest { type_name: "sample_train".into(), by, caller: caller.clone() };
        let imported = engine.import_resource(import).await;
        assert_eq!((imported.deferred, imported.report.has_errors()), (deferral, !may));
        assert_eq!(imported.state, if may { Dynamic::unknown() } else { Dynamic::Null });

        let config = object([("line", text("ghost")), ("number", Dynamic::Null)]);
        match engine.read_data_source("sample_stations", config, caller).await {
            Ok(answer) => assert_eq!((answer.deferred, answer.value), (deferral, Dynamic::unknown())),
            Err(report) => assert_eq!(lines(&report), ["line: There is no line: Build ghost first."]),
        }
    }
}

#[tokio::test]
async fn an_apply_is_never_put_off() {
    let railway = Railway::default();
    let engine = engine(&railway).await;
    let caller = Caller { meta: object([("team", text("x"))]), ..patient() };
    let apply = ApplyRequest {
        type_name: "sample_train".into(),
        prior: Dynamic::Null,
        planned: train(text("main")),
        config: train(text("main")),
        private: Vec::new(),
        identity: Dynamic::Null,
        caller,
    };
    let found = lines(&engine.apply_resource(apply).await.report);
    let expected =
        ": The provider_meta block of the module is wrong: `team` must have at least 2 characters; \"x\" was given.";
    assert_eq!(found, [expected]);
}

#[tokio::test]
async fn an_error_beside_one_that_could_wait_is_not_put_off() {
    let engine = engine(&Railway::default()).await;
    let plan = engine.plan_resource(creation(text("wreck"), patient())).await;
    assert_eq!(plan.deferred, None);
    assert_eq!(lines(&plan.report), ["line: There is no line: Build wreck first.", ": And no train: "]);
}

#[tokio::test]
async fn what_an_earlier_plan_kept_is_at_hand_when_terraform_plans_once_more() {
    let engine = engine(&Railway::default()).await;
    let first = engine.plan_resource(creation(text("main"), Caller::default())).await;
    let second = PlanRequest { earlier_private: first.private, ..creation(text("main"), Caller::default()) };
    let private = String::from_utf8(engine.plan_resource(second).await.private).unwrap();
    assert_eq!(private, r#"{"earlier":"dGhpcw==","kept":"dGhpcw=="}"#);
}

#[tokio::test]
async fn a_terraform_that_would_store_write_only_values_is_given_none() {
    let engine = engine(&Railway::default()).await;
    let config = object([("line", text("main")), ("word_wo", text("sesame"))]);
    let old = Caller { knows_write_only: false, ..Caller::default() };
    let found = lines(&engine.validate_resource("sample_train", config.clone(), &old));
    assert!(found[0].starts_with("word_wo: Write-only values are not supported here") && found.len() == 1, "{found:?}");
    assert!(found[0].contains("Use Terraform 1.11 or newer") && !found[0].contains("sesame"), "{found:?}");
    assert!(engine.validate_resource("sample_train", config, &Caller::default()).is_empty());
    assert!(engine.validate_resource("sample_train", train(text("main")), &old).is_empty());
}

/// The same train with the town as its connection, for the harness.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_tram")]
pub struct Tram {
    /// On which line.
    pub line: String,
    /// Who asked for it.
    #[tf(computed, keep)]
    pub team: Option<String>,
}

impl Resource for Tram {
    type Api = Arc<Town>;

    async fn create(cx: &mut Context<'_, Self>, plan: TramPlan) -> Result<Self> {
        let author: Option<Author> = cx.meta()?;
        Ok(Self { line: plan.line, team: author.map(|author| author.team) })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn terraform_passes_on_what_a_module_says_of_itself() {
    let tram = "resource \"sample_tram\" \"a\" { line = \"main\" }\n";
    let meta =
        |team: &str| format!("terraform {{\n  provider_meta \"sample\" {{\n    team = \"{team}\"\n  }}\n}}\n{tram}");
    Terraform::with(provider(&Arc::new(Town::default())).resource::<Tram>())
        .steps([
            apply(meta("x")).fails("`team` must have at least 2 characters"),
            apply(meta("bridges")).state("sample_tram.a", path!(team), "bridges"),
        ])
        .await;
}
