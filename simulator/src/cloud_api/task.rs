//! DescribeTaskStatus: how an accepted write is going.

use std::time::Duration;

use clb_cloud_api::clb;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::task::TaskState;

use super::Call;
use super::refusal::Fault;

/// How long a question about a running task is held back at most. Clients ask at once and then wait for half a second or
/// more, while the data plane needs milliseconds.
const PATIENCE: Duration = Duration::from_millis(100);

pub(super) async fn describe(
    call: &Call<'_>,
    request: clb::DescribeTaskStatus,
) -> Result<clb::DescribeTaskStatusReply, Fault> {
    // Orders have no number here: DealName is never given out, so none is known.
    let id = match (request.task_id, request.deal_name) {
        (Some(id), None) | (None, Some(id)) => id,
        (given, _) => {
            let given = if given.is_some() { "both" } else { "none" };
            return Err(Refusal::new(Rule::TaskStatusNeedsOneId).at(Field::TaskId).given(given).into());
        }
    };
    let state = call.control.task_state(&call.account, call.region, &id, PATIENCE).await??;
    let load_balancers = call.in_region(|_, region| {
        region.tasks.view(&id).map(|task| task.load_balancers.iter().map(ToString::to_string).collect())
    })?;
    let (status, message) = match state {
        TaskState::Succeeded => (0, None),
        TaskState::Failed(reason) => (1, Some(reason)),
        TaskState::Running => (2, None),
    };
    Ok(clb::DescribeTaskStatusReply { status, load_balancer_ids: Some(load_balancers), message })
}
