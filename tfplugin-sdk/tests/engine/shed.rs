//! A sample provider with quirks: tools in a shed, some of which behave as no resource should.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tfplugin_sdk::{
    Context, Enum, Error, PlanEdit, Planned, Provider, ProviderConfig, Refinements, Resource, Result, Secret, Value,
    path,
};

/// The provider block.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Settings {
    /// Whose it is.
    #[tf(one_of("ann", "bob"))]
    pub owner: Option<String>,
}

/// A tool in the shed.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "shed_tool", import = "{tool_id}", identity(tool_id))]
pub struct Tool {
    /// Its id.
    #[tf(computed, keep, prefix = "tool-")]
    pub tool_id: String,
    /// What it is.
    #[tf(replace, length(2..=8))]
    pub name: String,
    /// Its colour.
    #[tf(replace, default = "grey")]
    pub colour: String,
    /// Words on it.
    pub words: Option<BTreeSet<String>>,
    /// Labels on it.
    pub labels: Option<BTreeMap<String, String>>,
    /// A remark, which the shed does not give back.
    pub remark: Option<String>,
    /// What opens it.
    pub code: Option<Secret<String>>,
    /// Times it was used.
    #[tf(computed)]
    pub uses: u32,
    /// What is odd about it.
    pub quirk: Option<Quirk>,
}

/// What is odd about a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Quirk {
    /// Reading it, other words are found on it every time.
    Wordy,
    /// Every plan of it says that it is going to be used.
    Restless,
    /// Making it takes until Terraform is interrupted.
    Endless,
    /// It breaks while it is made.
    Brittle,
    /// It does not go.
    Heavy,
}

/// The shed.
#[derive(Debug, Default)]
pub struct Shed(Mutex<BTreeMap<String, Tool>>);

impl Shed {
    pub fn tools(&self) -> MutexGuard<'_, BTreeMap<String, Tool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, tool_id: &str, plan: ToolPlan, uses: u32) -> Tool {
        let ToolPlan { tool_id: _, name, colour, words, labels, remark, code, uses: _, quirk } = plan;
        let tool = Tool { tool_id: tool_id.to_owned(), name, colour, words, labels, remark, code, uses, quirk };
        self.tools().insert(tool_id.to_owned(), tool.clone());
        tool
    }
}

impl Resource for Tool {
    type Api = Arc<Shed>;

    async fn create(cx: &mut Context<'_, Self>, plan: ToolPlan) -> Result<Self> {
        let tool_id = format!("tool-{}", cx.api().tools().len() + 1);
        cx.checkpoint(|state| state.tool_id = Planned::Known(tool_id.clone()));
        let (shed, quirk) = (cx.api().clone(), plan.quirk);
        let tool = shed.put(&tool_id, plan, 1);
        match quirk {
            Some(Quirk::Endless) => cx.unless_cancelled(std::future::pending::<()>()).await?,
            Some(Quirk::Brittle) => return Err(Error::new("It broke").detail("Take another.").at(path!(quirk))),
            _ => cx.warn(path!(name), "It is sharp", "Mind your fingers."),
        }
        Ok(tool)
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        let mut tools = cx.api().tools();
        let Some(tool) = tools.get_mut(&state.tool_id) else { return Ok(None) };
        if tool.quirk == Some(Quirk::Wordy) {
            let words = tool.words.get_or_insert_default();
            words.insert(format!("word-{}", words.len()));
        }
        Ok(Some(Self { remark: state.remark, ..tool.clone() }))
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: ToolPlan) -> Result<Self> {
        Ok(cx.api().put(&state.tool_id, plan, state.uses + 1))
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        if state.quirk == Some(Quirk::Heavy) {
            return Err(Error::new("It does not move"));
        }
        cx.api().tools().remove(&state.tool_id);
        Ok(())
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        if plan.config.quirk.known() == Some(&Quirk::Restless) && plan.prior.is_some() {
            plan.planned.uses = Value::Unknown(Refinements::none());
        }
        Ok(())
    }

    async fn import(cx: &mut Context<'_, Self>, id: ToolImport) -> Result<Option<Self>> {
        let found = cx.api().tools().get(&id.tool_id).cloned();
        Ok(found.map(|tool| Self { remark: None, ..tool }))
    }
}

/// The provider of the shed.
pub fn provider(shed: &Arc<Shed>) -> Provider<Arc<Shed>> {
    let shed = shed.clone();
    Provider::new::<Settings, _>("example/shed", move |_: SettingsConfig| {
        let shed = shed.clone();
        async move { Ok(Some(shed)) }
    })
    .resource::<Tool>()
}
