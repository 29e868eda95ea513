//! The call journal, as the admin door shows it.

use super::Admin;
use crate::call_journal::CallRecord;
use crate::generated::clbsim::{Call, ListCallsReply, UnknownAction};

pub(super) fn list(admin: &Admin) -> ListCallsReply {
    let (calls, total) = admin.calls.list();
    let unknown = admin.calls.unknown_actions().into_iter();
    ListCallsReply {
        calls: calls.into_iter().map(view).collect(),
        total,
        unknown_actions: unknown.map(|(service, action, count)| UnknownAction { service, action, count }).collect(),
    }
}

fn view(record: CallRecord) -> Call {
    Call {
        number: record.number,
        at: Some(super::timestamp(record.at)),
        request_id: record.request_id,
        account: record.account,
        service: record.service,
        action: record.action,
        region: record.region,
        error_code: record.error_code,
    }
}
