//! Rules of certificates: of the SSL service's, and of those that listeners name.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, merged, once, quic, run};

const CREATE: &str = "CreateListener";
const UPLOAD: &str = "ssl/UploadCertificate";
const VALUE: &str = "InvalidParameterValue";

pub fn cases() -> Vec<Case> {
    [of_listeners(), everywhere(), inline(), uploads(), kept()].concat()
}

fn of_listeners() -> Vec<Case> {
    let certificate = |entries: Value| json!({"Certificate": entries});
    let mutual = merged(&quic(8443), &certificate(json!({"SSLMode": "MUTUAL", "CertCaId": "$ca"})));
    let of_quic = |rule, code, wrong| case(rule, code, CREATE, quic(8443), wrong);
    let of_mutual = |rule, code, wrong| case(rule, code, CREATE, mutual.clone(), certificate(wrong));
    let multi = json!({"MultiCertInfo": {"SSLMode": "UNIDIRECTIONAL", "CertList": [{"CertId": "$svr"}]}});
    let modified = json!({
        "LoadBalancerId": "$lb", "ListenerId": "$listener", "Certificate": {"SSLMode": "UNIDIRECTIONAL", "CertId": "$svr"},
    });
    vec![
        of_quic(Rule::CertificateIdMustExist, VALUE, certificate(json!({"CertId": "aB3dE5gH"}))),
        case(
            Rule::CertificateIdMustExist,
            VALUE,
            "ModifyListener",
            modified,
            json!({"Certificate": {"CertId": "aB3dE5gH"}}),
        ),
        of_quic(Rule::CertificateServerMustBeSvr, VALUE, certificate(json!({"CertId": "$ca"}))),
        of_mutual(Rule::CertificateCaMustBeCa, VALUE, json!({"CertCaId": "$svr"})),
        of_quic(Rule::CertificateSslModeEnum, VALUE, certificate(json!({"SSLMode": "BOTH"}))),
        of_mutual(Rule::CertificateVerifyClientEnum, VALUE, json!({"SSLVerifyClient": "SOMETIMES"})),
        of_mutual(Rule::MutualTlsNeedsCa, "MissingParameter", json!({"CertCaId": null})),
        of_quic(Rule::CertificateOrMultiNotBoth, "InvalidParameter", multi.clone()),
        // Instead of the certificate, not beside it.
        of_quic(
            Rule::MultiCertNotOnQuic,
            "InvalidParameter",
            json!({"Certificate": null, "MultiCertInfo": multi["MultiCertInfo"]}),
        ),
        case(
            Rule::SslCloseSwitchTcpSslOnly,
            VALUE,
            CREATE,
            merged(&quic(8443), &json!({"SslCloseSwitch": false})),
            json!({"SslCloseSwitch": true}),
        ),
    ]
}

/// Certificates wherever they are used.
fn everywhere() -> Vec<Case> {
    let replace = json!({"OldCertificateId": "$svr", "Certificate": {"CertId": "$other-svr"}});
    let users = |count: usize| json!({"CertIds": vec!["$svr"; count]});
    let replacing = "ReplaceCertForLoadBalancers";
    let none = json!({"Certificate": {"CertId": null}});
    vec![
        case(Rule::CertReplaceSameKind, "InvalidParameter", replacing, replace.clone(), none).given("$listener"),
        case(Rule::CertificateIdMustExist, VALUE, replacing, replace, json!({"OldCertificateId": "aB3dE5gH"})),
        case(
            Rule::CertListIdsMax20,
            "InvalidParameterValue.Length",
            "DescribeLoadBalancerListByCertId",
            users(20),
            users(21),
        ),
    ]
}

fn inline() -> Vec<Case> {
    let server = json!({
        "Certificate": {"CertId": null, "CertName": "own", "CertContent": "$pem", "CertKey": "$key"},
    });
    let of_inline = |rule, code, wrong: Value| {
        case(rule, code, CREATE, merged(&quic(8443), &server), json!({"Certificate": wrong}))
    };
    vec![
        of_inline(Rule::CertificateInlineUploadComplete, "MissingParameter", json!({"CertKey": null}))
            .or(json!({"Certificate": {"CertName": null}})),
        of_inline(Rule::CertificateInlineMustBeValid, VALUE, json!({"CertContent": "no PEM"})).says(""),
        of_inline(Rule::CertificateInlineMustBeValid, VALUE, json!({"CertKey": "$other-key"})).says(""),
    ]
}

fn uploads() -> Vec<Case> {
    let server = json!({"CertificatePublicKey": "$pem", "CertificatePrivateKey": "$key", "CertificateType": "SVR"});
    let authority = json!({"CertificatePublicKey": "$ca-pem", "CertificateType": "CA"});
    let of_server = |rule, code, wrong| case(rule, code, UPLOAD, server.clone(), wrong);
    vec![
        of_server(
            Rule::CertificateUploadMustParse,
            "FailedOperation.CertificateParseError",
            json!({"CertificatePublicKey": "no PEM"}),
        ),
        of_server(
            Rule::CertificateUploadSvrNeedsKey,
            "InvalidParameter.WithDetailReason",
            json!({"CertificatePrivateKey": null}),
        ),
        of_server(
            Rule::CertificateUploadKeyMustMatch,
            "FailedOperation.CertificateMismatch",
            json!({"CertificatePrivateKey": "$other-key"}),
        ),
        of_server(Rule::CertificateUploadTypeEnum, "FailedOperation.InvalidParam", json!({"CertificateType": "ROOT"})),
        case(
            Rule::CertificateUploadCaMustBeCa,
            "FailedOperation.CertificateCaError",
            UPLOAD,
            authority,
            json!({"CertificatePublicKey": "$pem"}),
        ),
    ]
}

fn kept() -> Vec<Case> {
    let unknown = json!({"CertificateId": "aB3dE5gH"});
    let not_found = |action, passes| {
        case(Rule::CertificateNotFound, "FailedOperation.CertificateNotFound", action, passes, unknown.clone())
    };
    vec![
        not_found("ssl/DescribeCertificate", json!({"CertificateId": "$svr"})),
        not_found("ssl/DescribeCertificateDetail", json!({"CertificateId": "$svr"})),
        not_found("ssl/ModifyCertificateAlias", json!({"CertificateId": "$svr", "Alias": "other"})),
        not_found("ssl/DeleteCertificate", json!({"CertificateId": "$svr"})),
        case(
            Rule::CertificateProjectMax100,
            "FailedOperation.InvalidParam",
            "ssl/ModifyCertificateProject",
            json!({"CertificateIdList": vec!["$svr"; 100], "ProjectId": 7}),
            json!({"CertificateIdList": vec!["$svr"; 101]}),
        ),
        case(
            Rule::CertificateDeletionTasksMax100,
            "FailedOperation.InvalidParam",
            "ssl/DescribeDeleteCertificatesTaskResult",
            json!({"TaskIds": vec!["$deletion"; 100]}),
            json!({"TaskIds": vec!["$deletion"; 101]}),
        )
        .with(
            "$deletion",
            "/TaskId",
            "ssl/DeleteCertificate",
            json!({"CertificateId": "$svr", "IsCheckResource": true}),
        ),
        case(
            Rule::CertificateDeletionTaskUnknown,
            "FailedOperation.InvalidParam",
            "ssl/DescribeDeleteCertificatesTaskResult",
            json!({"TaskIds": ["$deletion"]}),
            json!({"TaskIds": ["delete-everything"]}),
        )
        .with(
            "$deletion",
            "/TaskId",
            "ssl/DeleteCertificate",
            json!({"CertificateId": "$svr", "IsCheckResource": true}),
        ),
        case(
            Rule::CertificateListLimit,
            "FailedOperation.InvalidParam",
            "ssl/DescribeCertificates",
            json!({"Limit": 1000}),
            json!({"Limit": 1001}),
        ),
        once(
            Rule::CertificateInUse,
            "FailedOperation.BoundResources",
            "ssl/DeleteCertificate",
            json!({"CertificateId": "$svr", "IsCheckResource": true}),
            &[(CREATE, quic(8443))],
        ),
    ]
}

#[tokio::test]
async fn cases_of_certificates_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
