//! One step under way: runs Terraform as the step says, and gathers what there is to see.
//!
//! Not here: whether it is as expected (`judge`).

use super::diagnostic::{self, Diagnostic};
use super::expectation::Expectation;
use super::failure::{Failure, Problem};
use super::judge::{LaterPlan, Observed, Stage, judge, judge_plan};
use super::process::Ran;
use super::session::{Layout, Session};
use super::shown::{ShownPlan, ShownState};
use super::step::{Kind, Order};

/// The plan that is applied.
pub(super) const PLAN: &str = "step.plan";
/// A plan that is only looked at.
const LATER_PLAN: &str = "later.plan";

/// One step under way.
pub(super) struct Trial<'s> {
    pub session: &'s mut Session,
    /// What lies in the folder now.
    pub layout: Layout,
    pub runs: Vec<Ran>,
    pub observed: Observed,
    /// What went wrong that no expectation is about.
    pub problems: Vec<Problem>,
}

/// Does a step; the error tells what is not as expected.
pub(super) async fn attempt(session: &mut Session, number: usize, step: &Order) -> Result<(), Box<Failure>> {
    let layout = session.applied.clone();
    let mut trial = Trial { session, layout, runs: Vec::new(), observed: Observed::default(), problems: Vec::new() };
    trial.perform(step).await;
    trial.observed.public = trial.public();
    let Trial { layout, runs, observed, mut problems, .. } = trial;
    if problems.is_empty() {
        problems = judge(step, &observed);
    }
    if problems.is_empty() {
        return Ok(());
    }
    let (step, place) = (format!("step {number} ({})", step.kind), step.place);
    Err(Box::new(Failure { step, place, problems, runs, configuration: layout.main(), afterwards: None }))
}

impl Trial<'_> {
    async fn perform(&mut self, step: &Order) {
        match &step.kind {
            Kind::Validate(configuration) => self.validate(step, configuration).await,
            Kind::Plan(configuration) => self.look(step, configuration.as_deref()).await,
            Kind::Apply(configuration) => self.apply(step, configuration).await,
            Kind::Refresh => {
                self.look_back(step).await;
                self.change(step, &["-refresh-only"]).await;
            }
            Kind::Destroy => {
                self.look_back(step).await;
                self.change(step, &["-destroy"]).await;
            }
            Kind::Taint(address) => {
                self.look_back(step).await;
                self.run(&["taint", "-no-color", address]).await;
                self.hear(Stage::Applying, |ran| diagnostic::of_text(&ran.err));
                self.look_at_state(step).await;
            }
            Kind::ImportVerify(import) => self.import_verify(step, import).await,
            // The author's own code is not Terraform's to run.
            Kind::Then => {}
        }
    }

    async fn validate(&mut self, step: &Order, configuration: &str) {
        if self.lay(self.session.applied.with(configuration, &step.options)).await {
            self.run(&["validate", "-json"]).await;
            self.hear(Stage::Planning, |ran| diagnostic::of_validate(&ran.out));
        }
        self.session.lay_applied();
    }

    async fn look(&mut self, step: &Order, configuration: Option<&str>) {
        let layout = configuration.map(|configuration| self.session.applied.with(configuration, &step.options));
        let is_laid = match layout {
            Some(layout) => self.lay(layout).await,
            None => true,
        };
        if is_laid && self.plan(step, &[]).await && step.expects(|it| matches!(it, Expectation::IsEmpty)) {
            let refreshed = !step.options.without_refresh;
            self.look_into(step, PLAN, refreshed).await;
            if refreshed {
                self.look_for_changes(step, false).await;
            }
        }
        self.session.lay_applied();
    }

    async fn apply(&mut self, step: &Order, configuration: &str) {
        self.look_back(step).await;
        let layout = self.session.applied.with(configuration, &step.options);
        if !(self.lay(layout.clone()).await && self.plan(step, &[]).await && self.is_planned_well(step)) {
            self.session.lay_applied();
            return;
        }
        // From here on there may be objects that stand in this configuration and in no other.
        self.session.applied = layout;
        if self.carry_out(step).await && !step.fails() {
            if !step.options.leaves_changes {
                self.look_for_changes(step, false).await;
            }
            self.look_for_changes(step, true).await;
        }
    }

    /// Plans and applies the plan, with the configuration that is there.
    async fn change(&mut self, step: &Order, how: &[&str]) {
        if self.plan(step, how).await && self.is_planned_well(step) {
            self.carry_out(step).await;
        }
    }

    /// A plan that is not as expected is not applied.
    fn is_planned_well(&mut self, step: &Order) -> bool {
        self.problems.extend(judge_plan(step, &self.observed));
        self.problems.is_empty()
    }

    /// Plans. Whether that succeeded.
    pub(super) async fn plan(&mut self, step: &Order, how: &[&str]) -> bool {
        let out = format!("-out={PLAN}");
        let mut arguments = vec!["plan", "-json", "-detailed-exitcode", &out];
        arguments.extend(how);
        arguments.extend(step.options.without_refresh.then_some("-refresh=false"));
        arguments.extend(step.options.arguments.iter().map(String::as_str));
        self.run(&arguments).await;
        if !self.hear(Stage::Planning, |ran| diagnostic::of_lines(&ran.out)) {
            return false;
        }
        if step.expects(Expectation::is_of_plan) {
            self.observed.plan = self.show_plan(step, PLAN).await;
        }
        true
    }

    /// Applies the plan. Whether that succeeded.
    async fn carry_out(&mut self, step: &Order) -> bool {
        self.run(&["apply", "-json", PLAN]).await;
        let succeeded = self.hear(Stage::Applying, |ran| diagnostic::of_lines(&ran.out));
        self.look_at_state(step).await;
        succeeded
    }

    /// Plans once more what has been applied.
    async fn look_for_changes(&mut self, step: &Order, refreshed: bool) {
        let out = format!("-out={LATER_PLAN}");
        let mut arguments = vec!["plan", "-json", "-detailed-exitcode", &out];
        arguments.extend((!refreshed).then_some("-refresh=false"));
        let targets = step.options.arguments.iter().filter(|argument| argument.starts_with("-target="));
        arguments.extend(targets.map(String::as_str));
        self.run(&arguments).await;
        if self.hear(Stage::Planning, |ran| diagnostic::of_lines(&ran.out)) {
            self.look_into(step, LATER_PLAN, refreshed).await;
        }
    }

    /// Puts down what is left to do by the plan that was made last.
    async fn look_into(&mut self, step: &Order, file: &str, refreshed: bool) {
        let is_plan = |ran: &&Ran| ran.arguments.first().is_some_and(|command| command == "plan");
        let has_changes = self.runs.iter().rev().find(is_plan).is_some_and(|ran| ran.code == Some(2));
        let changes = if has_changes { self.show_plan(step, file).await } else { None };
        self.observed.later.push(LaterPlan { refreshed, changes });
    }

    async fn look_back(&mut self, step: &Order) {
        if step.expects(Expectation::looks_back) {
            self.observed.before = self.show_state(step).await;
        }
    }

    async fn look_at_state(&mut self, step: &Order) {
        if step.expects(Expectation::is_of_state) {
            self.observed.after = self.show_state(step).await;
        }
    }

    pub(super) async fn show_plan(&mut self, step: &Order, file: &str) -> Option<ShownPlan> {
        let shown = self.run(&["show", "-json", file]).await;
        let read = if shown.succeeded() { ShownPlan::read(&shown.out) } else { Err(shown.ending()) };
        read.map_err(|found| self.stumble(step, "a plan that can be shown", found)).ok()
    }

    pub(super) async fn show_state(&mut self, step: &Order) -> Option<ShownState> {
        let shown = self.run(&["show", "-json"]).await;
        let read = if shown.succeeded() { ShownState::read(&shown.out) } else { Err(shown.ending()) };
        read.map_err(|found| self.stumble(step, "a state that can be shown", found)).ok()
    }

    /// What others than the user may come to see.
    fn public(&self) -> Vec<(&'static str, String)> {
        let printed = self.runs.iter().filter(|ran| !ran.is_show());
        let printed = printed.flat_map(|ran| [ran.out.as_str(), ran.err.as_str()]).collect();
        let state = String::from_utf8_lossy(&self.session.state_file()).into_owned();
        vec![("the state", state), ("what Terraform printed", printed)]
    }

    /// Something that no expectation is about went wrong.
    pub(super) fn stumble(&mut self, step: &Order, expected: &str, found: String) {
        self.problems.push(Problem { place: step.place, expected: expected.to_owned(), found });
    }

    /// Lays out a configuration. Whether Terraform can begin with it.
    pub(super) async fn lay(&mut self, layout: Layout) -> bool {
        let prepared = self.session.lay(&layout).await;
        self.layout = layout;
        let Some(ran) = prepared else { return true };
        self.runs.push(ran);
        self.hear(Stage::Preparing, |ran| diagnostic::of_text(&ran.err))
    }

    pub(super) async fn run(&mut self, arguments: &[&str]) -> &Ran {
        let ran = self.session.run(arguments, &self.layout).await;
        self.runs.push(ran);
        self.runs.last().expect("it was just pushed")
    }

    /// Takes in how the last run ended and what it said, as `read` finds it there. Whether it succeeded.
    pub(super) fn hear(&mut self, stage: Stage, read: impl Fn(&Ran) -> Vec<Diagnostic>) -> bool {
        let Some(ran) = self.runs.last() else { return true };
        self.observed.diagnostics.extend(read(ran));
        if !ran.succeeded() {
            self.observed.failed = Some((stage, ran.ending()));
        }
        ran.succeeded()
    }
}
