//! What can go wrong with a call, sorted by what a caller can do about it.

use std::time::Duration;

/// The platform refused a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{action} was refused: {code}: {message} (request id {request_id})")]
pub struct ApiError {
    /// The action that was refused.
    pub action: &'static str,
    /// The error code, such as `FailedOperation.ResourceInOperating`.
    pub code: String,
    /// The platform's sentence.
    pub message: String,
    /// The `RequestId` of the refusal.
    pub request_id: String,
}

impl ApiError {
    /// Another operation on the same resource is running; trying again later helps.
    pub fn is_busy(&self) -> bool {
        self.code == "FailedOperation.ResourceInOperating"
    }

    /// The thing the call names does not exist (any more). Some writes only say so in words, behind the bare code
    /// `InvalidParameter`: the texts are those Tencent's own controller looks for.
    pub fn is_not_found(&self) -> bool {
        const CODES: [&str; 4] = [
            "InvalidParameter.LBIdNotFound",
            "InvalidParameter.ListenerIdNotFound",
            "FailedOperation.CertificateNotFound",
            "ResourceNotFound",
        ];
        const TEXTS: [&str; 2] = ["LoadBalancer not exist", "LB not exist"];
        CODES.contains(&self.code.as_str())
            || self.code.ends_with(".NotFound")
            || self.code == "InvalidParameter"
                && (TEXTS.iter().any(|text| self.message.contains(text))
                    || self.message.contains("some ListenerId") && self.message.contains("not found"))
    }

    /// The call came too soon after others; it was not carried out.
    pub fn is_rate_limited(&self) -> bool {
        self.group() == "RequestLimitExceeded" || self.code == "LimitExceeded.RateLimitExceeded"
    }

    /// The platform itself failed; whether the call was carried out is open.
    pub fn is_internal(&self) -> bool {
        self.group() == "InternalError"
    }

    /// The credentials were not accepted.
    pub fn is_authentication(&self) -> bool {
        self.group() == "AuthFailure" && !self.is_unauthorized()
    }

    /// The credentials are good, and may not do this.
    pub fn is_unauthorized(&self) -> bool {
        self.group() == "UnauthorizedOperation" || self.code == "AuthFailure.UnauthorizedOperation"
    }

    /// The part of the code before the first dot.
    pub fn group(&self) -> &str {
        self.code.split_once('.').map_or(self.code.as_str(), |(group, _)| group)
    }
}

/// How far a request came that got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportFault {
    /// No connection: the request never reached the server.
    Connect,
    /// No answer in time: whether the request was carried out is open.
    Timeout,
    /// The connection broke: whether the request was carried out is open.
    Broken,
}

/// Why a call has no reply. None of the texts contains a credential or a request body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The platform answered and refused.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// No answer came.
    #[error("{action}: no answer from {endpoint}: {detail}")]
    Transport {
        /// The action that was called.
        action: &'static str,
        /// Where it was sent.
        endpoint: String,
        /// How far it came.
        fault: TransportFault,
        /// The reasons, outermost first.
        detail: String,
    },
    /// An answer came with an HTTP status other than 200, which the platform uses for refusals too: this was not the API.
    #[error("{action}: {endpoint} answered with HTTP status {status}, which this API never does: {excerpt}")]
    Status {
        /// The action that was called.
        action: &'static str,
        /// Where it was sent.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the body.
        excerpt: String,
    },
    /// An answer came that is not what the action answers.
    #[error("{action}: the answer of {endpoint} cannot be read: {detail}")]
    Decode {
        /// The action that was called.
        action: &'static str,
        /// Where it was sent.
        endpoint: String,
        /// What does not fit.
        detail: String,
        /// The `RequestId`, if that much could be read.
        request_id: Option<String>,
    },
    /// The request could not be made: credentials or names with characters that no HTTP header can carry.
    #[error("{action}: the request cannot be made: {detail}")]
    Request {
        /// The action that was to be called.
        action: &'static str,
        /// What does not fit.
        detail: String,
    },
}

impl CallError {
    /// The refusal, if the platform answered with one.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }
}

/// Why a task did not end well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// The platform gave up.
    #[error("the task {task_id} failed: {message}")]
    Failed {
        /// The task, which is the `RequestId` of the call that started it.
        task_id: String,
        /// The platform's sentence.
        message: String,
    },
    /// The task was still running when the time was over. It may still succeed.
    #[error("the task {task_id} was still running after {} seconds", .after.as_secs())]
    TimedOut {
        /// The task.
        task_id: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// The task's status could not be asked.
    #[error("the status of the task {task_id} could not be asked: {source}")]
    Unknown {
        /// The task.
        task_id: String,
        /// Why not.
        source: CallError,
    },
}

/// The error and what caused it, outermost first, without the URL that the caller knows.
pub(crate) fn reasons(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::ApiError;

    fn refusal(code: &str, message: &str) -> ApiError {
        let (code, message, request_id) = (code.to_owned(), message.to_owned(), "r-1".to_owned());
        ApiError { action: "DeleteListener", code, message, request_id }
    }

    #[test]
    fn absence_is_recognised_by_code_and_by_the_platforms_texts() {
        assert!(refusal("InvalidParameter.LBIdNotFound", "").is_not_found());
        assert!(refusal("InvalidSecurityGroupID.NotFound", "").is_not_found());
        assert!(!refusal("AuthFailure.SecretIdNotFound", "").is_not_found());
        assert!(refusal("InvalidParameter", "LoadBalancer not exist, lb-1").is_not_found());
        assert!(refusal("InvalidParameter", "some ListenerId [lbl-1] not found").is_not_found());
        assert!(!refusal("InvalidParameter", "Port is not found to be valid").is_not_found());
        assert!(!refusal("FailedOperation", "LB not exist").is_not_found());
    }

    #[test]
    fn groups_are_told_apart_by_the_part_before_the_dot() {
        assert!(refusal("RequestLimitExceeded.UinLimitExceeded", "").is_rate_limited());
        assert!(!refusal("LimitExceeded", "").is_rate_limited());
        assert!(refusal("AuthFailure.SignatureExpire", "").is_authentication());
        assert!(!refusal("AuthFailure.UnauthorizedOperation", "").is_authentication());
        assert!(refusal("UnauthorizedOperation.CamNoAuth", "").is_unauthorized());
        assert!(refusal("FailedOperation.ResourceInOperating", "").is_busy());
        assert!(!refusal("FailedOperation", "").is_busy());
    }
}
