//! Snapshots, as the admin door saves, lists, loads and compares them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tonic::Status;

use super::{Admin, timestamp};
use crate::control::{NoLoad, PrivateKeys, Snapshot, SnapshotError};
use crate::generated::clbsim as wire;
use crate::snapshots::{KeepError, Listed, Snapshots};

/// How long a load waits for the data plane to follow.
const LOAD_WITHIN: Duration = Duration::from_secs(20);

pub(super) async fn save(admin: &Admin, request: wire::SaveSnapshotRequest) -> Result<wire::SaveSnapshotReply, Status> {
    let keys = if request.with_private_keys { PrivateKeys::Included } else { PrivateKeys::Left };
    let snapshot = admin.control.snapshot(some(&request.world), keys).map_err(|error| not_made(&error))?;
    let worlds = snapshot.accounts();
    if request.name.is_empty() {
        return Ok(wire::SaveSnapshotReply { worlds, snapshot_json: snapshot.text() });
    }
    on_disk(admin, move |snapshots| snapshots.save(&request.name, snapshot)).await?;
    Ok(wire::SaveSnapshotReply { worlds, snapshot_json: String::new() })
}

pub(super) async fn list(admin: &Admin) -> Result<wire::ListSnapshotsReply, Status> {
    let listed = on_disk(admin, Snapshots::list).await?;
    Ok(wire::ListSnapshotsReply { snapshots: listed.into_iter().map(view).collect() })
}

pub(super) async fn load(admin: &Admin, request: wire::LoadSnapshotRequest) -> Result<wire::LoadSnapshotReply, Status> {
    let snapshot = match (request.name.is_empty(), request.snapshot_json.is_empty()) {
        (false, true) => named(admin, request.name).await?,
        (true, false) => {
            Snapshot::parse(&request.snapshot_json).map_err(|error| Status::invalid_argument(error.to_string()))?
        }
        _ => return Err(Status::invalid_argument("either name or snapshot_json is needed, and not both")),
    };
    let only = some(&request.world);
    let (generation, in_effect) =
        admin.control.load(&snapshot, only, LOAD_WITHIN).await.map_err(|error| not_loaded(&error))?;
    if !in_effect {
        return Err(Status::deadline_exceeded("the snapshot is loaded, but the data plane has not followed in time"));
    }
    let worlds = only.map_or_else(|| snapshot.accounts(), |only| vec![only.to_owned()]);
    Ok(wire::LoadSnapshotReply { generation, worlds })
}

pub(super) async fn delete(
    admin: &Admin,
    request: wire::DeleteSnapshotRequest,
) -> Result<wire::DeleteSnapshotReply, Status> {
    on_disk(admin, move |snapshots| snapshots.delete(&request.name)).await?;
    Ok(wire::DeleteSnapshotReply {})
}

pub(super) async fn diff(
    admin: &Admin,
    request: wire::DiffSnapshotsRequest,
) -> Result<wire::DiffSnapshotsReply, Status> {
    let (before, after) = (side(admin, request.before).await?, side(admin, request.after).await?);
    let json = |value: Option<Value>| value.unwrap_or_default().to_string();
    let found = before.without_private_keys().differences(&after.without_private_keys());
    let differences = found.into_iter().map(|it| wire::SnapshotDifference {
        path: it.path,
        before_json: json(it.before),
        after_json: json(it.after),
    });
    Ok(wire::DiffSnapshotsReply { differences: differences.collect() })
}

/// The snapshot of that name; of what is there now when there is no name.
async fn side(admin: &Admin, name: String) -> Result<Snapshot, Status> {
    if name.is_empty() {
        return admin.control.snapshot(None, PrivateKeys::Left).map_err(|error| not_made(&error));
    }
    named(admin, name).await
}

async fn named(admin: &Admin, name: String) -> Result<Snapshot, Status> {
    on_disk(admin, move |snapshots| snapshots.get(&name)).await
}

/// Asks for snapshots where it may block.
async fn on_disk<T: Send + 'static>(
    admin: &Admin,
    ask: impl FnOnce(&Snapshots) -> Result<T, KeepError> + Send + 'static,
) -> Result<T, Status> {
    let snapshots = Arc::clone(&admin.snapshots);
    let asked = tokio::task::spawn_blocking(move || ask(&snapshots)).await;
    asked.map_err(|error| Status::internal(error.to_string()))?.map_err(|error| {
        let said = error.to_string();
        match error {
            KeepError::Name(_) => Status::invalid_argument(said),
            KeepError::NoSuch(_) => Status::not_found(said),
            KeepError::TooMany => Status::resource_exhausted(said),
            KeepError::File { .. } | KeepError::Unreadable { .. } => Status::failed_precondition(said),
        }
    })
}

fn not_made(error: &SnapshotError) -> Status {
    match error {
        SnapshotError::NoSuchWorld(_) => Status::not_found(error.to_string()),
        _ => Status::internal(error.to_string()),
    }
}

fn not_loaded(error: &NoLoad) -> Status {
    match error {
        NoLoad::Snapshot(SnapshotError::NoSuchWorld(_)) => Status::not_found(error.to_string()),
        NoLoad::Snapshot(_) => Status::failed_precondition(error.to_string()),
        NoLoad::Disk(_) => Status::internal(error.to_string()),
    }
}

fn view(listed: Listed) -> wire::ListedSnapshot {
    let (worlds, has_private_keys, problem) = match listed.holds {
        Ok(snapshot) => (snapshot.accounts(), snapshot.has_private_keys(), String::new()),
        Err(problem) => (Vec::new(), false, problem),
    };
    wire::ListedSnapshot { name: listed.name, saved: Some(timestamp(listed.saved)), worlds, has_private_keys, problem }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
