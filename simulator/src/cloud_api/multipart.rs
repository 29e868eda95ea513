//! `multipart/form-data`: the parts of a body as pairs of name and text. Parts are not streamed: the body has been read.
//!
//! Only what clients of the platform send: no nested parts, no transfer encodings, no files kept as files.

/// Why a body has no parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    /// The `Content-Type` names no boundary, or none that can be one.
    #[error("the Content-Type multipart/form-data has to name a boundary of 1 to 70 characters")]
    Boundary,
    /// The body is not parts between boundaries.
    #[error("the body has to be parts between the boundaries that the Content-Type names")]
    Form,
    /// A part has no name.
    #[error("every part of the body has to have `Content-Disposition: form-data; name=...`")]
    Name,
    /// A part is no UTF-8.
    #[error("the parts of the body have to be UTF-8")]
    Encoding,
    /// More parts than [`MOST`].
    #[error("the body has more than {MOST} parts")]
    Many,
}

/// The most parts.
const MOST: usize = 1000;
/// The longest boundary (RFC 2046, 5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// Name and text of each part.
pub fn pairs(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, MultipartError> {
    let boundary = parameter(content_type, "boundary").ok_or(MultipartError::Boundary)?;
    if !(1..=LONGEST_BOUNDARY).contains(&boundary.len()) {
        return Err(MultipartError::Boundary);
    }
    let delimiter = format!("\r\n--{boundary}");
    // The first boundary may stand at the very beginning.
    let start =
        if body.starts_with(&delimiter.as_bytes()[2..]) { delimiter.len() - 2 } else { after(body, &delimiter)? };
    let mut rest = &body[start..];
    let mut pairs = Vec::new();
    while !rest.starts_with(b"--") {
        if pairs.len() == MOST {
            return Err(MultipartError::Many);
        }
        rest = rest.strip_prefix(b"\r\n").ok_or(MultipartError::Form)?;
        let next = after(rest, &delimiter)?;
        pairs.push(part(&rest[..next - delimiter.len()])?);
        rest = &rest[next..];
    }
    Ok(pairs)
}

fn part(part: &[u8]) -> Result<(String, String), MultipartError> {
    let part = std::str::from_utf8(part).map_err(|_| MultipartError::Encoding)?;
    let (head, text) = part.split_once("\r\n\r\n").ok_or(MultipartError::Form)?;
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    });
    let name = disposition.and_then(|value| parameter(value, "name")).ok_or(MultipartError::Name)?;
    Ok((name.to_owned(), text.to_owned()))
}

/// Where the text behind the delimiter begins.
fn after(body: &[u8], delimiter: &str) -> Result<usize, MultipartError> {
    let found = body.windows(delimiter.len()).position(|window| window == delimiter.as_bytes());
    found.map(|at| at + delimiter.len()).ok_or(MultipartError::Form)
}

/// A parameter of a header's value, with or without quotes.
fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    value.split(';').skip(1).find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::{MultipartError, pairs};

    const TYPE: &str = "multipart/form-data; boundary=xyz";

    fn read(body: &str) -> Result<Vec<(String, String)>, MultipartError> {
        pairs(TYPE, body.as_bytes())
    }

    #[test]
    fn parts_are_pairs() {
        let body = "--xyz\r\nContent-Disposition: form-data; name=\"Limit\"\r\n\r\n20\r\n--xyz\r\n\
                    content-type: text/plain\r\nContent-Disposition: form-data; name=\"A.0\"; filename=\"f\"\r\n\r\n\
                    two\r\nlines\r\n--xyz--\r\n";
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(read(body), Ok(vec![pair("Limit", "20"), pair("A.0", "two\r\nlines")]));
        assert_eq!(read(&format!("preamble\r\n{body}")).map(|pairs| pairs.len()), Ok(2));
        assert_eq!(read("--xyz--\r\n"), Ok(Vec::new()));
        assert_eq!(pairs("multipart/form-data; boundary=\"xyz\"", b"--xyz--"), Ok(Vec::new()));
    }

    #[test]
    fn what_has_no_parts_is_refused() {
        for body in ["", "x", "--xyz", "--xyz\r\n\r\n", "--xyz\r\nA: b\r\n\r\nc\r\n--xy--", "--xyzz"] {
            assert_eq!(read(body), Err(MultipartError::Form), "{body:?}");
        }
        assert_eq!(read("--xyz\r\nA: b\r\n\r\nc\r\n--xyz--"), Err(MultipartError::Name));
        assert_eq!(pairs("multipart/form-data", b""), Err(MultipartError::Boundary));
        assert_eq!(pairs("multipart/form-data; boundary=", b""), Err(MultipartError::Boundary));
        let nameless = b"--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xFF\r\n--xyz--";
        assert_eq!(pairs(TYPE, nameless), Err(MultipartError::Encoding));
    }
}
