//! The rules of the wire: what can be wrong with a call before any resource is asked. Codes and texts are in `refusal`.

clb_model::rule_table! {
    /// A rule of the wire.
    pub enum WireRule;

    Authorization, "api-authorization-well-formed", Choice, "code exists in INTL 214/33849; pairing is ours",
        "An Authorization header that is missing or cannot be parsed is refused.";
    SignedHeaders, "api-content-type-and-host-signed", Choice, "rule: QD Python_API.md 0ce3c585; code ours",
        "The Content-Type and Host headers must be there and among the signed headers.";
    SecretId, "api-secret-id-must-exist", Documented, "INTL 214/33849",
        "A request signed with an unknown SecretId is refused.";
    Signature, "api-signature-must-match", Documented, "INTL 214/33849 (sample text)",
        "A request whose TC3 signature does not match the recomputed one is refused.";
    CredentialDate, "api-credential-date-matches-timestamp", Choice,
        "rule: GO, QD Python_API.md 0ce3c585; code ours",
        "The date in the credential scope must be the UTC date of X-TC-Timestamp.";
    Timestamp, "api-timestamp-within-five-minutes", Documented, "QD Python_API.md 0ce3c585; INTL 214/33849",
        "A request whose X-TC-Timestamp is more than five minutes away from server time is refused.";
    Token, "api-token-must-be-valid", Documented, "INTL 214/33849",
        "A request with temporary credentials and a bad X-TC-Token is refused.";
    Service, "api-service-must-exist", Documented, "INTL 214/33849",
        "An unknown service in the credential scope is refused.";
    Version, "api-version-must-exist", Documented, "INTL 214/33849",
        "An X-TC-Version that the service does not have is refused.";
    Action, "api-action-must-exist", Documented, "INTL 214/33849",
        "An unknown X-TC-Action is refused.";
    ActionNotServed, "action-not-served", Choice, "ours; off the documented lists, common code",
        "An action that the platform has and the simulator does not serve is refused and counted.";
    RateLimit, "api-rate-limit-per-action", Documented,
        "INTL API pages of four CLB actions; TKE chart for eight; other actions not established",
        "One account may call one action at most 20 times per second; the simulator counts when a limit is set.";
    Region, "api-region-required", Choice, "rule: SDK; code ours",
        "Actions of clb, vpc and cvm need a region.";
    ArgumentUnknown, "api-unknown-parameter-refused", Documented, "INTL 214/33849",
        "A request argument that the action does not know is refused.";
    ArgumentRequired, "api-required-parameter", Documented, "INTL 214/33849; SDK required flags",
        "A request without an argument flagged as required is refused.";
    ArgumentType, "api-parameter-type-strict", Choice, "types: SDK; code ours",
        "An argument of the wrong JSON type (such as a string where an integer is declared) is refused.";
    ArgumentNotServed, "argument-not-served", Choice, "ours",
        "An argument that the platform has and the simulator does not simulate is refused unless its value changes \
         nothing.";
    BodySize, "api-post-body-max-10-mb", Choice, "rule: QD Python_API.md 0ce3c585, INTL 608/33031; code ours",
        "The body of a request has at most 10 MB, the query of a GET 32 KB, a form with the old signature 1 MB.";
    BodyText, "api-body-utf8-only", Choice, "rule: INTL 608/33031; code ours",
        "Request bodies are UTF-8 only.";
    Request, "api-request-well-formed", Choice, "ours",
        "A request has a method that is served, the content type and the JSON object that go with it, and arrives in \
         time.";
    Worlds, "api-worlds-bounded", Choice, "ours",
        "At most 256 worlds are made on first use, one for each name after a SecretId.";
    Internal, "api-internal-error", Choice, "ours",
        "A defect of the simulator is answered as an internal error, never as a success.";
}
