//! Where and as whom to call, from the provider block, the environment and a profile of `tccli`, in this order. Nothing is sent.
//!
//! No error shows a secret.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use clb_cloud_api::client::{ClientConfig, ConfigError};
use clb_cloud_api::secret::Secret as WireSecret;
use clb_cloud_api::{Service, sts};
use tfplugin_sdk::{Error, Path, Result, Secret, path};

use super::environment::{Environment, Names};
use super::{AssumeRole, Endpoints, Settings};

/// The region that the official provider assumes too.
const DEFAULT_REGION: &str = "ap-guangzhou";

/// What a session of a role is called in audit logs unless the user says.
const DEFAULT_SESSION: &str = "terraform";

const SECRET_ID: Names = ["CLB_SECRET_ID", "TENCENTCLOUD_SECRET_ID"];
const SECRET_KEY: Names = ["CLB_SECRET_KEY", "TENCENTCLOUD_SECRET_KEY"];
const TOKEN: Names = ["CLB_SECURITY_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"];
const REGION: Names = ["CLB_REGION", "TENCENTCLOUD_REGION"];
const ENDPOINT: &str = "CLB_ENDPOINT";
/// Who runs Terraform may say so; the variable is Terraform's own.
const CALLER: &str = "TF_APPEND_USER_AGENT";

/// The configuration of the client.
pub(super) fn config(settings: Settings, variable: impl Fn(&str) -> Option<String>) -> Result<ClientConfig> {
    let Settings { shared_credentials_dir, profile, .. } = settings;
    let environment = Environment::new(shared_credentials_dir, profile, variable)?;
    let exposed = |secret: Option<Secret<String>>| secret.map(|secret| secret.expose().clone());
    let saved = environment.profile();

    let saved_key = saved.secret_key.as_ref().map(|key| key.expose().to_owned());
    let secret_id = environment.setting(settings.secret_id, SECRET_ID);
    let secret_key = environment.setting(exposed(settings.secret_key), SECRET_KEY);
    // Half of a key pair and half of another do not sign.
    let from_profile = secret_id.is_none() && secret_key.is_none() && saved.secret_id.is_some() && saved_key.is_some();
    if from_profile {
        is_not_over(saved.expires_at)?;
    }
    let absent = |what, names| absent(what, names, &environment);
    let pair = if from_profile { (saved.secret_id.clone(), saved_key) } else { (secret_id, secret_key) };
    let secret_id = pair.0.ok_or_else(|| absent("secret id", SECRET_ID).at(path!(secret_id)))?;
    let secret_key = pair.1.ok_or_else(|| absent("secret key", SECRET_KEY).at(path!(secret_key)))?;
    let saved_token = saved.token.as_ref().filter(|_| from_profile).map(|token| token.expose().to_owned());
    let token = environment.setting(exposed(settings.token), TOKEN).or(saved_token);
    is_one_word(&secret_id, "secret id", SECRET_ID, path!(secret_id))?;
    is_one_word(&secret_key, "secret key", SECRET_KEY, path!(secret_key))?;
    if let Some(token) = &token {
        is_one_word(token, "token", TOKEN, path!(token))?;
    }

    let region = environment.setting(settings.region, REGION).or_else(|| saved.region.clone());
    let region = region.unwrap_or_else(|| DEFAULT_REGION.to_owned());
    is_region(&region)?;
    let proxy = exposed(settings.proxy).filter(|proxy| !proxy.is_empty());
    Ok(ClientConfig {
        endpoint: settings.endpoint.filter(|url| !url.is_empty()).or_else(|| environment.first(&[ENDPOINT])),
        endpoints: settings.endpoints.map(by_service).unwrap_or_default(),
        proxy: proxy.map(WireSecret::from),
        token: token.map(WireSecret::from),
        role: settings.assume_role.map(role),
        request_client: caller(environment.first(&[CALLER]))?,
        ..ClientConfig::new(region, secret_id, secret_key)
    })
}

/// Says what a client could not be made of.
pub(super) fn refused(error: ConfigError) -> Error {
    match error {
        ConfigError::Endpoint { service: None, endpoint, reason } => Error::new("The endpoint cannot be used")
            .detail(format!(
                "From `endpoint` or the environment variable CLB_ENDPOINT: `{}` {reason}.",
                without_password(&endpoint)
            ))
            .at(path!(endpoint)),
        ConfigError::Endpoint { service: Some(service), endpoint, reason } => {
            let name = service.name();
            Error::new(format!("The endpoint of {name} cannot be used"))
                .detail(format!("From `endpoints.{name}`: `{}` {reason}.", without_password(&endpoint)))
                .at(Path::root().attribute("endpoints").attribute(name))
        }
        ConfigError::Proxy => Error::new("The proxy cannot be used")
            .detail(
                "`proxy` must be the URL of an HTTP proxy, such as http://proxy.example:3128; a user name and a password may stand \
                 in it. Leave it out to go by the environment variables HTTPS_PROXY and NO_PROXY.",
            )
            .at(path!(proxy)),
        ConfigError::Http(_) => error.into(),
    }
}

fn by_service(endpoints: Endpoints) -> BTreeMap<Service, String> {
    let Endpoints { clb, ssl, vpc, cvm, tag, sts } = endpoints;
    let all = [
        (Service::Clb, clb),
        (Service::Ssl, ssl),
        (Service::Vpc, vpc),
        (Service::Cvm, cvm),
        (Service::Tag, tag),
        (Service::Sts, sts),
    ];
    let given = |(service, url): (Service, Option<String>)| Some((service, url.filter(|url| !url.is_empty())?));
    all.into_iter().filter_map(given).collect()
}

fn role(role: AssumeRole) -> sts::AssumeRole {
    sts::AssumeRole {
        role_arn: role.role_arn,
        role_session_name: role.session_name.unwrap_or_else(|| DEFAULT_SESSION.to_owned()),
        duration_seconds: role.session_duration.map(i64::from),
        external_id: role.external_id,
    }
}

/// How the provider introduces itself, and in whose name.
fn caller(appended: Option<String>) -> Result<String> {
    let own = concat!("terraform-provider-clb_", env!("CARGO_PKG_VERSION")).to_owned();
    match appended.map(|text| text.trim().to_owned()) {
        None => Ok(own),
        Some(text) if text.is_empty() => Ok(own),
        Some(text) if text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') => Ok(format!("{own} {text}")),
        Some(_) => Err(Error::new(format!("{CALLER} contains characters that do not belong there")).detail(
            "The provider sends the text of this environment variable with every call, in a header, which takes visible ASCII \
             characters and spaces only.",
        )),
    }
}

fn is_region(region: &str) -> Result<()> {
    if region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Ok(());
    }
    Err(Error::new("This is not the name of a region")
        .detail(format!(
            "Regions are named by lower-case letters, digits and hyphens, such as ap-guangzhou; {region:?} is not. Check \
             `region`, the environment variables {} and {}, or the profile of tccli.",
            REGION[0], REGION[1]
        ))
        .at(path!(region)))
}

/// Refuses credentials of a log-in with `tccli auth login` that the platform would not take any more.
fn is_not_over(expires_at: Option<i64>) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    match expires_at {
        Some(end) if u64::try_from(end).is_ok_and(|end| end <= now) => Err(Error::new("The log-in of tccli is over")
            .detail("The credentials of the profile were temporary, and have expired. Run `tccli auth login` again.")
            .at(path!(profile))),
        _ => Ok(()),
    }
}

/// Refuses a credential with a space or a line end in it, as a file or a careless copy leaves them: the platform would only say
/// that the signature is wrong.
fn is_one_word(credential: &str, what: &str, names: Names, path: Path) -> Result<()> {
    if credential.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let attribute = what.replace(' ', "_");
    Err(Error::new(format!("The {what} contains characters that do not belong there"))
        .detail(format!(
            "It has a space, a line end or something else besides visible ASCII characters. Check `{attribute}`, the environment \
             variables {} and {}, or the profile of tccli; trimspace(file(...)) removes the line end of a file.",
            names[0], names[1]
        ))
        .at(path))
}

fn absent<F>(what: &str, names: Names, environment: &Environment<F>) -> Error {
    let attribute = what.replace(' ', "_");
    let file = environment.credential_file.as_ref();
    let profile = file.map(|file| format!(", or run `tccli configure` (there is none in {})", file.display()));
    Error::new(format!("The {what} is missing")).detail(format!(
        "Every call to the cloud is signed with an API key. Set `{attribute}` in the provider block, or the environment variable \
         {} or {}{}. The simulator prints its demo key pair when it starts.",
        names[1],
        names[0],
        profile.unwrap_or_default()
    ))
}

/// A URL that may be shown: what stands before an `@` may be a password.
fn without_password(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.split_once("://").map(|(scheme, _)| format!("{scheme}://")).unwrap_or_default();
            format!("{scheme}***@{after}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clb_cloud_api::Service;
    use clb_cloud_api::client::ConfigError;
    use clb_cloud_api::secret::Secret as WireSecret;
    use tfplugin_sdk::{Codec, Error, Secret};

    use super::{config, refused};
    use crate::provider::{AssumeRole, Endpoints, Settings};

    fn nothing() -> Settings {
        Settings::absent()
    }

    /// Variables that are set.
    fn variables<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    const PAIR: [(&str, &str); 2] =
        [("TENCENTCLOUD_SECRET_ID", "id-of-environment"), ("TENCENTCLOUD_SECRET_KEY", "key-of-environment")];

    fn wrong(settings: Settings, set: &[(&str, &str)]) -> (String, String) {
        let error: Error = config(settings, variables(set)).expect_err("refused");
        let told = error.diagnostic();
        assert!(!told.detail.contains("s3cret"), "{error}");
        (told.path.to_string(), told.detail.clone())
    }

    /// A folder with profiles of this test's own.
    fn profiles(test: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("clb-connection-{}-{test}", std::process::id()));
        std::fs::create_dir_all(folder.join(".tccli")).expect("a writable temporary folder");
        for (name, text) in files {
            std::fs::write(folder.join(".tccli").join(name), text).expect("a writable temporary folder");
        }
        folder
    }

    #[test]
    fn the_block_wins_over_our_variables_and_these_over_the_official_ones() {
        let set = [&PAIR[..], &[("CLB_SECRET_KEY", "own-key"), ("CLB_ENDPOINT", "http://127.0.0.1:1")]].concat();
        let settings = Settings { secret_id: Some("id-of-block".to_owned()), ..nothing() };
        let config = config(settings, variables(&set)).expect("complete");
        assert_eq!((config.secret_id.as_str(), config.secret_key.expose()), ("id-of-block", "own-key"));
        assert_eq!((config.endpoint.as_deref(), config.region.as_str()), (Some("http://127.0.0.1:1"), "ap-guangzhou"));
    }

    #[test]
    fn a_profile_of_tccli_is_what_the_environment_leaves_open() {
        let credential = r#"{"secretId": "id-of-file", "secretKey": "key-of-file", "token": "token-of-file"}"#;
        let configure = r#"{"_sys_param": {"region": "ap-shanghai"}}"#;
        let home = profiles(
            "open",
            &[("default.credential", credential), ("default.configure", configure), ("ci.credential", "{}")],
        );
        let home = home.to_str().expect("a plain path");
        let read = config(nothing(), variables(&[("HOME", home)])).expect("complete");
        assert_eq!((read.secret_id.as_str(), read.secret_key.expose()), ("id-of-file", "key-of-file"));
        assert_eq!(
            (read.token.as_ref().map(WireSecret::expose), read.region.as_str()),
            (Some("token-of-file"), "ap-shanghai")
        );
        // Another key pair does not go with the token of this one; the region is still the profile's.
        let set = [&PAIR[..], &[("HOME", home)]].concat();
        let read = config(nothing(), variables(&set)).expect("complete");
        assert_eq!(
            (read.secret_id.as_str(), read.token.is_none(), read.region.as_str()),
            ("id-of-environment", true, "ap-shanghai")
        );
        let elsewhere = format!("{home}/.tccli");
        let read =
            config(nothing(), variables(&[("TENCENTCLOUD_SHARED_CREDENTIALS_DIR", &elsewhere)])).expect("complete");
        assert_eq!(read.secret_id, "id-of-file");
        let (path, said) = wrong(nothing(), &[("HOME", home), ("TENCENTCLOUD_PROFILE", "ci")]);
        assert!(path == "secret_id" && said.contains("ci.credential"), "{path}: {said}");
    }

    #[test]
    fn a_profile_that_is_named_and_not_there_broken_or_over_is_refused() {
        let over = r#"{"type": "oauth", "secretId": "a", "secretKey": "s3cret", "token": "t", "expiresAt": 17}"#;
        let home = profiles("refused", &[("over.credential", over), ("broken.credential", "{ s3cret")]);
        let home = home.to_str().expect("a plain path");
        for (profile, word) in [("nobody", "tccli configure"), ("broken", "line 1"), ("over", "tccli auth login")] {
            let settings = Settings { profile: Some(profile.to_owned()), ..nothing() };
            let (path, said) = wrong(settings, &[("HOME", home)]);
            assert!(path == "profile" && said.contains(word), "{path}: {said}");
        }
    }

    #[test]
    fn missing_credentials_are_named_with_all_places_they_could_stand_in() {
        let (path, said) = wrong(nothing(), &[("HOME", "/nonexistent")]);
        assert_eq!(path, "secret_id");
        for place in
            ["`secret_id`", "CLB_SECRET_ID", "TENCENTCLOUD_SECRET_ID", "/nonexistent/.tccli/default.credential"]
        {
            assert!(said.contains(place), "{said}");
        }
        let (path, _) = wrong(Settings { secret_id: Some("id".to_owned()), ..nothing() }, &[]);
        assert_eq!(path, "secret_key");
    }

    #[test]
    fn an_empty_text_is_as_good_as_none() {
        let empty = || Some(String::new());
        let no_secret = || Some(Secret::new(String::new()));
        let settings = Settings {
            secret_id: empty(),
            secret_key: no_secret(),
            token: no_secret(),
            region: empty(),
            endpoint: empty(),
            proxy: no_secret(),
            shared_credentials_dir: empty(),
            profile: empty(),
            endpoints: Some(Endpoints { clb: empty(), ..Endpoints::absent() }),
            ..nothing()
        };
        let set = [&PAIR[..], &[("CLB_SECRET_ID", ""), ("CLB_ENDPOINT", "http://127.0.0.1:1")]].concat();
        let config = config(settings, variables(&set)).expect("the environment has the rest");
        assert_eq!((config.secret_id.as_str(), config.region.as_str()), ("id-of-environment", "ap-guangzhou"));
        assert_eq!(config.endpoint.as_deref(), Some("http://127.0.0.1:1"));
        assert!(config.token.is_none() && config.proxy.is_none() && config.endpoints.is_empty());
    }

    #[test]
    fn credentials_and_regions_that_cannot_be_right_are_refused_without_showing_a_secret() {
        let secret = || Some(Secret::new("s3cret\n".to_owned()));
        let places = [
            (Settings { secret_id: Some(" AKID".to_owned()), ..nothing() }, "secret_id"),
            (Settings { secret_key: secret(), ..nothing() }, "secret_key"),
            (Settings { token: secret(), ..nothing() }, "token"),
            (Settings { region: Some("ap guangzhou".to_owned()), ..nothing() }, "region"),
        ];
        for (settings, place) in places {
            assert_eq!(wrong(settings, &PAIR).0, place);
        }
    }

    #[test]
    fn roles_endpoints_and_who_calls_reach_the_client() {
        let role = AssumeRole {
            role_arn: "qcs::cam::uin/1:roleName/a".to_owned(),
            session_duration: Some(900),
            ..AssumeRole::absent()
        };
        let endpoints = Endpoints { ssl: Some("http://127.0.0.1:2".to_owned()), ..Endpoints::absent() };
        let settings = Settings { assume_role: Some(role), endpoints: Some(endpoints), ..nothing() };
        let set = [&PAIR[..], &[("TF_APPEND_USER_AGENT", " module/quic-service ")]].concat();
        let read = config(settings, variables(&set)).expect("complete");
        let role = read.role.expect("asked for");
        assert_eq!((role.role_session_name.as_str(), role.duration_seconds), ("terraform", Some(900)));
        assert_eq!(read.endpoints[&Service::Ssl], "http://127.0.0.1:2");
        assert!(
            read.request_client.starts_with("terraform-provider-clb_")
                && read.request_client.ends_with(" module/quic-service")
        );
        let set = [&PAIR[..], &[("TF_APPEND_USER_AGENT", "a\nb")]].concat();
        assert!(config(nothing(), variables(&set)).is_err());
    }

    #[test]
    fn a_password_in_an_endpoint_is_not_shown() {
        let endpoint = "http://me:s3cret@127.0.0.1:9000".to_owned();
        for service in [None, Some(Service::Tag)] {
            let reason = "must not contain a user name or password";
            let error = refused(ConfigError::Endpoint { service, endpoint: endpoint.clone(), reason });
            assert!(error.diagnostic().detail.contains("http://***@127.0.0.1:9000"), "{error}");
            assert!(!error.diagnostic().detail.contains("s3cret"), "{error}");
        }
    }
}
