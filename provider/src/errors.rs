//! From what went wrong on the wire to what the user reads: what could not be done, the rule or the remedy in words, then the
//! platform's own words with code and request id.
//!
//! No text here contains a credential or a request body; the errors of `clb-cloud-api` do not carry them.

use std::fmt::Display;

use clb_cloud_api::{ApiError, CallError, TaskError, TransportFault};
use tfplugin_sdk::{Error, Path, Result};

/// Why a conversation with the platform ended badly.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A call was refused or got no answer.
    Call(CallError),
    /// A call was carried out in part; of the rest the platform says this, without a code.
    Partly(ApiError),
    /// A task failed, or could not be followed.
    Task(TaskError),
    /// The user interrupted Terraform, or the time of the operation was over.
    Stopped {
        /// Which of the two.
        why: Error,
        /// What it was waiting for, as a sentence.
        waited: String,
    },
}

impl Failure {
    /// A wait that was ended.
    pub fn stopped(why: Error, waited: String) -> Self {
        Self::Stopped { why, waited }
    }

    /// What is to be said of a task that goes on by itself.
    pub fn still_working(task_id: &str) -> String {
        format!(
            "The platform accepted the change and was still working on it. It may yet finish: wait a while and apply again. \
             (request id {task_id})"
        )
    }

    /// The refusal, if the platform answered with one.
    pub fn refusal(&self) -> Option<&ApiError> {
        match self {
            Self::Call(error) | Self::Task(TaskError::Unknown { source: error, .. }) => error.api(),
            Self::Partly(refusal) => Some(refusal),
            Self::Task(_) | Self::Stopped { .. } => None,
        }
    }

    /// Whether the platform may have done what was asked although there is no good answer.
    pub fn outcome_is_open(&self) -> bool {
        match self {
            Self::Call(CallError::Api(refusal)) => refusal.is_internal(),
            // Only pauses are ended early, between a refusal and the next attempt.
            Self::Stopped { .. }
            | Self::Call(CallError::Request { .. } | CallError::Transport { fault: TransportFault::Connect, .. }) => {
                false
            }
            Self::Call(_) | Self::Partly(_) | Self::Task(_) => true,
        }
    }

    /// The rule or the remedy, then the platform's words.
    pub fn in_words(&self) -> String {
        match self {
            Self::Call(error) => call_in_words(error),
            Self::Partly(ApiError { message, request_id, .. }) => {
                format!("The platform did not accept all of them: {message} (request id {request_id})")
            }
            Self::Task(TaskError::Failed { task_id, message }) => {
                format!("The platform accepted the change and could not carry it out: {message} (request id {task_id})")
            }
            Self::Task(TaskError::TimedOut { task_id, .. }) => Self::still_working(task_id),
            Self::Task(TaskError::Unknown { task_id, source }) => format!(
                "The platform accepted the change (request id {task_id}), but then its progress could not be followed.\n\n{}",
                call_in_words(source)
            ),
            Self::Stopped { why, waited } => {
                let told = why.diagnostic();
                format!("{}. {}\n\n{waited}", told.summary, told.detail)
            }
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<TaskError> for Failure {
    fn from(error: TaskError) -> Self {
        Self::Task(error)
    }
}

/// Says what was being done when a conversation with the platform failed.
pub trait Doing<T> {
    /// `what` completes "Cannot ...".
    fn doing(self, what: impl Display) -> Result<T>;

    /// The same, pinned to the attribute that a refusal is about.
    fn doing_at(self, what: impl Display, attribute: fn(&ApiError) -> Option<Path>) -> Result<T>;
}

impl<T, F: Into<Failure>> Doing<T> for std::result::Result<T, F> {
    fn doing(self, what: impl Display) -> Result<T> {
        self.doing_at(what, |_| None)
    }

    fn doing_at(self, what: impl Display, attribute: fn(&ApiError) -> Option<Path>) -> Result<T> {
        self.map_err(|failure| {
            let failure = failure.into();
            let error = Error::new(format!("Cannot {what}")).detail(failure.in_words());
            match failure.refusal().and_then(attribute) {
                Some(path) => error.at(path),
                None => error,
            }
        })
    }
}

/// An object that is in the state and not on the platform.
pub fn gone(what: &str, id: &str) -> Error {
    Error::new(format!("The {what} {id} does not exist any more")).detail(
        "It was deleted outside Terraform after the plan was made. Plan and apply again: Terraform will see that it is gone \
         and create it anew.",
    )
}

fn call_in_words(error: &CallError) -> String {
    match error {
        CallError::Api(refusal) => {
            let ApiError { action, code, message, request_id } = refusal;
            let words = format!("The platform refused {action}: {message} ({code}, request id {request_id})");
            rule(refusal).map_or_else(|| words.clone(), |rule| format!("{rule}\n\n{words}"))
        }
        CallError::Transport { fault: TransportFault::Connect, endpoint, detail, .. } => {
            let remedy = if is_local(endpoint) && endpoint.starts_with("https:") {
                "A simulator speaks plain HTTP: is `endpoint` (or CLB_ENDPOINT) meant to start with http://? If not, is there \
                 something that speaks TLS on this port?"
            } else if is_local(endpoint) {
                "Is the simulator running, and on this port? `clb-simulator serve` prints its address when it is ready; the \
                 provider takes it from `endpoint` or CLB_ENDPOINT."
            } else {
                "Check the network, a proxy in between, and `endpoint` or CLB_ENDPOINT if one is set."
            };
            format!("There is no connection to {endpoint}. {remedy}\n\n({detail})")
        }
        CallError::Transport { fault: TransportFault::Timeout | TransportFault::Broken, endpoint, action, detail } => {
            format!(
                "{endpoint} gave no answer to {action}. Whether it was carried out is open; the next plan shows it.\n\n({detail})"
            )
        }
        CallError::Status { .. } | CallError::Decode { .. } => {
            format!("{error}\n\nIs `endpoint` (or CLB_ENDPOINT) the address of the cloud API?")
        }
        CallError::Request { .. } => error.to_string(),
    }
}

/// Whether there is no such region: nothing can be asked there.
pub(crate) fn is_wrong_region(refusal: &ApiError) -> bool {
    matches!(refusal.code.as_str(), "InvalidParameter.RegionNotFound" | "UnsupportedRegion")
}

fn is_local(endpoint: &str) -> bool {
    ["127.", "localhost", "[::1]"]
        .iter()
        .any(|host| endpoint.split("://").nth(1).is_some_and(|at| at.starts_with(host)))
}

/// The rule behind a code, or what to do about it, where the code alone tells. Sources: the platform's error catalogue.
fn rule(refusal: &ApiError) -> Option<&'static str> {
    if refusal.is_not_found() {
        return Some(
            "It does not exist in this account and region (any more). Check the id and the provider's `region`.",
        );
    }
    if refusal.is_rate_limited() {
        return Some(
            "The account made too many calls at once. Apply again, with a smaller -parallelism if it persists.",
        );
    }
    if refusal.is_unauthorized() {
        return Some(
            "The account or the key may not do this. Check the key's policies; and QUIC listeners are a beta feature that an \
             account must be admitted to.",
        );
    }
    Some(match refusal.code.as_str() {
        "FailedOperation.ResourceInOperating" => {
            "Another operation on the load balancer was still running. Apply again when it is done."
        }
        "InvalidParameter.PortCheckFailed" => {
            "UDP and QUIC listeners of a load balancer share one port space, and this port is taken. Choose another port, or \
             import the listener that has it."
        }
        "FailedOperation.TargetNumCheckRisk" | "FailedOperation.TrafficCheckRisk" => {
            "The platform does not delete a load balancer that many backends or much traffic depend on. Remove the backends \
             first."
        }
        "FailedOperation.FrequencyCheckRisk" => {
            "Too many load balancers were deleted in this region within five minutes. Apply again later."
        }
        "FailedOperation.BoundResources" | "FailedOperation.DeleteResourceFailed" => {
            "Something still uses the certificate. Point the listener at another one first; with `lifecycle { \
             create_before_destroy = true }` on the certificate Terraform does it in this order."
        }
        "FailedOperation.CertificateMismatch"
        | "FailedOperation.CertificateMatchError"
        | "InvalidParameter.MissMatchPrivateKey" => "The private key does not belong to the certificate.",
        "AuthFailure.SignatureExpire" => {
            "The clocks of this machine and of the platform differ by more than five minutes. Set this machine's clock."
        }
        "AuthFailure.SecretIdNotFound" | "AuthFailure.InvalidSecretId" => {
            "The platform does not know this secret id. Check `secret_id` or TENCENTCLOUD_SECRET_ID, and that the endpoint is \
             the one the key belongs to."
        }
        "AuthFailure.SignatureFailure" => {
            "The secret key does not belong to the secret id. Check `secret_key` or TENCENTCLOUD_SECRET_KEY."
        }
        "AuthFailure.TokenFailure" => {
            "The session token is not valid (any more). Renew the temporary credentials, or unset `token` and \
             TENCENTCLOUD_SECURITY_TOKEN."
        }
        _ if is_wrong_region(refusal) => "The platform has no such region. Check `region` or TENCENTCLOUD_REGION.",
        "InvalidAction" | "UnsupportedOperation" | "NoSuchProduct" | "NoSuchVersion" => {
            "The endpoint does not offer this. A simulator offers a part of the platform; `endpoint` or CLB_ENDPOINT says where \
             calls go."
        }
        _ => match refusal.group() {
            "AuthFailure" => "The credentials were not accepted. Check `secret_id`, `secret_key` and `token`.",
            "LimitExceeded" => {
                "A quota of the account is used up. Remove something, or ask the platform for a higher quota."
            }
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::{ApiError, CallError, TransportFault};
    use tfplugin_sdk::{Error, path};

    use super::{Doing, Failure};

    fn refusal(code: &str) -> CallError {
        CallError::Api(ApiError {
            action: "CreateListener",
            code: code.to_owned(),
            message: "no".to_owned(),
            request_id: "r-7".to_owned(),
        })
    }

    #[test]
    fn a_refusal_tells_rule_code_and_request_id_at_its_attribute() {
        let refused = Err::<(), _>(refusal("InvalidParameter.PortCheckFailed"));
        let error = refused.doing_at("create the listener", |_| Some(path!(port))).expect_err("refused");
        let diagnostic = error.diagnostic();
        assert_eq!(diagnostic.summary, "Cannot create the listener");
        assert_eq!(diagnostic.path, path!(port));
        for part in ["share one port space", "InvalidParameter.PortCheckFailed", "r-7", "CreateListener"] {
            assert!(diagnostic.detail.contains(part), "{part} is not in: {}", diagnostic.detail);
        }
    }

    #[test]
    fn a_wait_that_was_ended_tells_by_what_and_what_it_was_waiting_for() {
        let why = Error::new("Timeout").detail("This took longer than 15m.");
        let busy = Failure::Call(refusal("FailedOperation.ResourceInOperating")).in_words();
        let stopped = Err::<(), _>(Failure::stopped(why, busy)).doing("change the listener").expect_err("stopped");
        for part in ["Timeout. This took longer than 15m.", "Another operation", "ResourceInOperating", "r-7"] {
            assert!(stopped.diagnostic().detail.contains(part), "{part} is not in: {stopped}");
        }
    }

    #[test]
    fn an_absent_simulator_is_named_with_what_to_do() {
        let absent = CallError::Transport {
            action: "DescribeListeners",
            endpoint: "http://127.0.0.1:9000/".to_owned(),
            fault: TransportFault::Connect,
            detail: "connection refused".to_owned(),
        };
        let error = Err::<(), _>(absent).doing("read the listener").expect_err("absent");
        assert!(error.diagnostic().detail.contains("clb-simulator serve"), "{error}");
        assert!(error.diagnostic().detail.contains("http://127.0.0.1:9000/"), "{error}");
    }

    #[test]
    fn tls_to_a_simulator_is_told_from_an_absent_one() {
        let fault = TransportFault::Connect;
        let endpoint = "https://127.0.0.1:9000/".to_owned();
        let detail = "received corrupt message".to_owned();
        let refused = CallError::Transport { action: "DescribeListeners", endpoint, fault, detail };
        let error = Err::<(), _>(refused).doing("read the listener").expect_err("no TLS there");
        assert!(error.diagnostic().detail.contains("http://"), "{error}");
    }
}
