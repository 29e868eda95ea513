//! Tags of whatever the tag service knows by a resource name: which calls turn some into others. Pure: no calls.

use std::collections::BTreeMap;

use clb_cloud_api::tag;

/// A call of the tag service sets and removes at most this many tags.
const TAGS_PER_CALL: usize = 10;

/// The calls that make the tags of `resource` (its six-part name) be those that are wanted.
pub(crate) fn retagging(
    resource: &str,
    now: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> Vec<tag::ModifyResourceTags> {
    let call = |replace_tags: Option<Vec<tag::Tag>>, delete_tags: Option<Vec<tag::TagKeyObject>>| {
        tag::ModifyResourceTags { resource: resource.to_owned(), replace_tags, delete_tags }
    };
    let replaced: Vec<tag::Tag> = wanted
        .iter()
        .filter(|(key, value)| now.get(*key) != Some(*value))
        .map(|(key, value)| tag::Tag { tag_key: key.clone(), tag_value: value.clone(), ..Default::default() })
        .collect();
    let deleted: Vec<tag::TagKeyObject> = now
        .keys()
        .filter(|key| !wanted.contains_key(*key))
        .map(|key| tag::TagKeyObject { tag_key: key.clone() })
        .collect();
    let replacing = replaced.chunks(TAGS_PER_CALL).map(|some| call(Some(some.to_vec()), None));
    let deleting = deleted.chunks(TAGS_PER_CALL).map(|some| call(None, Some(some.to_vec())));
    deleting.chain(replacing).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::retagging;

    #[test]
    fn tags_are_changed_ten_at_a_time_and_only_where_they_differ() {
        let tags = |numbers: std::ops::Range<u8>, value: &str| -> BTreeMap<String, String> {
            numbers.map(|number| (format!("k{number:02}"), value.to_owned())).collect()
        };
        assert!(retagging("qcs::clb:r:uin/:clb/lb-1", &tags(0..20, "a"), &tags(0..20, "a")).is_empty());
        let calls = retagging("qcs::clb:ap-guangzhou:uin/:clb/lb-1", &tags(0..12, "a"), &tags(0..11, "b"));
        let sizes: Vec<(usize, usize)> = calls
            .iter()
            .map(|call| {
                let replaced = call.replace_tags.as_ref().map_or(0, Vec::len);
                (replaced, call.delete_tags.as_ref().map_or(0, Vec::len))
            })
            .collect();
        assert_eq!(sizes, [(0, 1), (10, 0), (1, 0)]);
        assert_eq!(calls[0].resource, "qcs::clb:ap-guangzhou:uin/:clb/lb-1");
    }
}
