//! Signed requests, as bytes that can be sent as they are: Tencent Cloud's TC3-HMAC-SHA256, and SigV4 for the rivals.
//!
//! Signed once and sent again and again, so that a load generator costs next to nothing: both schemes allow that for five
//! minutes. xtask links none of the project's crates, so this is a third reading of the signature beside `cloud-api`'s.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Who signs, and whom for.
#[derive(Clone, Debug)]
pub struct Signer {
    /// Where the request goes, `127.0.0.1:PORT`: the Host that is signed.
    pub host: String,
    /// The public half of the key pair.
    pub id: String,
    /// The secret half.
    pub key: String,
    /// Such as `clb` or `elasticloadbalancing`.
    pub service: &'static str,
    /// Such as `ap-guangzhou`.
    pub region: &'static str,
    /// Such as `2018-03-17`; of Tencent Cloud's.
    pub version: &'static str,
}

impl Signer {
    /// A POST of Tencent Cloud API 3.0.
    pub fn tc3(&self, action: &str, body: &str) -> Vec<u8> {
        let now = unix_seconds();
        let date = date(now, "-");
        let canonical = format!(
            "POST\n/\n\ncontent-type:application/json\nhost:{}\n\ncontent-type;host\n{}",
            self.host,
            sha256(body)
        );
        let scope = format!("{date}/{}/tc3_request", self.service);
        let text = format!("TC3-HMAC-SHA256\n{now}\n{scope}\n{}", sha256(&canonical));
        let key = [date.as_str(), self.service, "tc3_request"]
            .iter()
            .fold(format!("TC3{}", self.key).into_bytes(), |key, part| hmac(&key, part));
        let signature = hex(&hmac(&key, &text));
        format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nAuthorization: \
             TC3-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=content-type;host, Signature={signature}\r\n\
             X-TC-Action: {action}\r\nX-TC-Version: {}\r\nX-TC-Timestamp: {now}\r\nX-TC-Region: {}\r\n\r\n{body}",
            self.host,
            body.len(),
            self.id,
            self.version,
            self.region
        )
        .into_bytes()
    }

    /// A POST of one of Amazon's query APIs; the action is in the body.
    pub fn sigv4(&self, body: &str) -> Vec<u8> {
        let now = unix_seconds();
        let (date, second) = (date(now, ""), now % 86_400);
        let time = format!("{date}T{:02}{:02}{:02}Z", second / 3600, second / 60 % 60, second % 60);
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        let canonical = format!(
            "POST\n/\n\ncontent-type:{form}\nhost:{}\nx-amz-date:{time}\n\ncontent-type;host;x-amz-date\n{}",
            self.host,
            sha256(body)
        );
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(&canonical));
        let key = [date.as_str(), self.region, self.service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{}", self.key).into_bytes(), |key, part| hmac(&key, part));
        let signature = hex(&hmac(&key, &text));
        format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: {form}\r\nContent-Length: {}\r\nX-Amz-Date: {time}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=content-type;host;x-amz-date, \
             Signature={signature}\r\n\r\n{body}",
            self.host,
            body.len(),
            self.id
        )
        .into_bytes()
    }
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The UTC date of a time, its parts joined with `separator`.
fn date(unix_seconds: u64, separator: &str) -> String {
    // Days since 0000-03-01, in eras of 400 years: a leap day is then the last day of its year.
    let days = unix_seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}{separator}{month:02}{separator}{day:02}")
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0, "-"), "1970-01-01");
        assert_eq!(date(951_782_400, "-"), "2000-02-29");
        assert_eq!(date(1_551_113_065, ""), "20190225");
        assert_eq!(date(1_795_576_615, "-"), "2026-11-25");
    }
}
