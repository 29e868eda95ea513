//! Takes secrets out of JSON texts: private keys, passwords, secret keys, tokens. Works on a text that was cut short too,
//! so that a secret at the cut does not survive it.
//!
//! By name, and by what private keys look like wherever they stand.

/// What stands in a secret's place.
const REDACTED: &str = "\"(secret)\"";
/// How the names of secrets end, in lower case. `Content` is the archive that DownloadCertificate answers with.
const SECRET_ENDINGS: [&str; 6] = ["privatekey", "certkey", "password", "secretkey", "token", "content"];
/// What ends like a secret and is none: the idempotence token of creating calls.
const NO_SECRETS: [&str; 1] = ["clienttoken"];
/// How a private key looks, in PEM and in the base64 of a PEM.
const KEY_MARKS: [&str; 2] = ["PRIVATE KEY", "UFJJVkFURSBLRV"];

/// The text without secrets.
pub fn redacted(json: &str) -> String {
    let mut rest = json;
    let mut clean = String::with_capacity(json.len());
    while let Some(start) = rest.find('"') {
        clean.push_str(&rest[..start]);
        let (string, behind) = split_string(&rest[start..]);
        let is_key = behind.trim_start().starts_with(':');
        if is_key && is_secret(string) {
            clean.push_str(string);
            rest = value_in_place(behind, &mut clean);
        } else {
            clean.push_str(if !is_key && looks_like_a_key(string) { REDACTED } else { string });
            rest = behind;
        }
    }
    clean.push_str(rest);
    clean
}

/// Copies the colon, writes [`REDACTED`] for the value, and gives what follows it.
fn value_in_place<'a>(behind_name: &'a str, clean: &mut String) -> &'a str {
    let value = behind_name.trim_start().trim_start_matches(':').trim_start();
    clean.push_str(&behind_name[..behind_name.len() - value.len()]);
    let (text, behind) = split_value(value);
    let nothing = matches!(text, "null" | "\"\"" | "[]" | "{}" | "");
    clean.push_str(if nothing { text } else { REDACTED });
    behind
}

/// A value, whole, and what follows it.
fn split_value(text: &str) -> (&str, &str) {
    if text.starts_with('"') {
        return split_string(text);
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        match next {
            '"' => {
                at = text.len() - split_string(&text[at..]).1.len();
                continue;
            }
            '[' | '{' => depth += 1,
            ']' | '}' | ',' if depth == 0 => break,
            ']' | '}' if depth == 1 => {
                at += 1;
                break;
            }
            ']' | '}' => depth -= 1,
            _ => {}
        }
        at += next.len_utf8();
    }
    text.split_at(text[..at].trim_end().len())
}

/// A string with its quotes, and what follows it; all of the text when the string does not end.
fn split_string(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return text.split_at(at + 1),
            _ => {}
        }
    }
    (text, "")
}

/// Whether a name, with its quotes, is that of a secret.
fn is_secret(name: &str) -> bool {
    let plain = serde_json::from_str::<String>(name).unwrap_or_else(|_| name.to_owned()).to_ascii_lowercase();
    SECRET_ENDINGS.iter().any(|ending| plain.ends_with(ending)) && !NO_SECRETS.contains(&plain.as_str())
}

fn looks_like_a_key(string: &str) -> bool {
    KEY_MARKS.iter().any(|mark| string.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn secrets_go_and_the_rest_stays_to_the_byte() {
        for (json, clean) in [
            (r#"{"A":1,"B":["x","y\"z"],"C":{"D":null}}"#, r#"{"A":1,"B":["x","y\"z"],"C":{"D":null}}"#),
            (r#"{"CertificatePrivateKey":"abc\"d","A":"b"}"#, r#"{"CertificatePrivateKey":"(secret)","A":"b"}"#),
            (r#"{ "CertKey" : "abc" , "A": 1 }"#, r#"{ "CertKey" : "(secret)" , "A": 1 }"#),
            (r#"{"CertList.0.CertKey":"abc"}"#, r#"{"CertList.0.CertKey":"(secret)"}"#),
            (r#"{"KeyPassword":["a",{"b":"]"}],"A":1}"#, r#"{"KeyPassword":"(secret)","A":1}"#),
            (r#"{"KeyPassword":17}"#, r#"{"KeyPassword":"(secret)"}"#),
            (r#"{"Token":"a","ClientToken":"b"}"#, r#"{"Token":"(secret)","ClientToken":"b"}"#),
            (r#"{"CertificatePrivateKey":null,"CertKey":""}"#, r#"{"CertificatePrivateKey":null,"CertKey":""}"#),
            (r#"{"\u0043ertKey":"abc"}"#, r#"{"\u0043ertKey":"(secret)"}"#),
            (r#"{"A":"-----BEGIN EC PRIVATE KEY-----\nMHc"}"#, r#"{"A":"(secret)"}"#),
            (r#"["CertKey","x"]"#, r#"["CertKey","x"]"#),
            ("not json", "not json"),
            ("", ""),
        ] {
            assert_eq!(redacted(json), clean, "{json}");
        }
    }

    #[test]
    fn a_secret_does_not_survive_a_cut() {
        let json = r#"{"A":"b","KeyPassword":"geheim","Certificates":[{"CertKey":{"x":["geheim"]}}],"B":"é"}"#;
        for end in (0..json.len()).filter(|end| json.is_char_boundary(*end)) {
            let clean = redacted(&json[..end]);
            assert!(!clean.contains("gehei") && !clean.contains("\"g"), "{clean}");
        }
    }
}
