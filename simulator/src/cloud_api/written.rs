//! How times and pages are written in replies.

use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::time::Timestamp;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// `YYYY-MM-DD HH:mm:ss` in GMT+8: SSL says so; for CLB the time zone is not stated and this is our choice.
pub fn time(at: Timestamp) -> String {
    let beijing = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    i64::try_from(at.unix_seconds())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|instant| instant.to_offset(beijing).format(FORMAT).ok())
        .unwrap_or_default()
}

/// A part of a list: where it starts, and how much of it there is at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    offset: usize,
    limit: usize,
}

impl Page {
    /// The page that is asked for. `rule` says what a limit may be: 1 to `most`.
    pub fn check(
        offset: Option<i64>,
        limit: Option<i64>,
        default: i64,
        most: i64,
        rule: Rule,
    ) -> Result<Self, Refusal> {
        let refused = |field, given: i64, least: i64| {
            let given = if given < least { format!("{given}, and it is at least {least}") } else { given.to_string() };
            Refusal::new(rule).at(field).given(given)
        };
        let (offset, limit) = (offset.unwrap_or(0), limit.unwrap_or(default));
        let offset = usize::try_from(offset).map_err(|_| refused(Field::Offset, offset, 0))?;
        let checked = usize::try_from(limit).ok().filter(|_| (1..=most).contains(&limit));
        Ok(Self { offset, limit: checked.ok_or_else(|| refused(Field::Limit, limit, 1))? })
    }

    /// Where the next page of a list of that length starts, when there is one.
    pub fn next(self, length: usize) -> Option<usize> {
        let next = self.offset.saturating_add(self.limit);
        (next < length).then_some(next)
    }

    /// Its part of the list.
    pub fn of<T>(self, list: Vec<T>) -> Vec<T> {
        list.into_iter().skip(self.offset).take(self.limit).collect()
    }
}

#[cfg(test)]
mod tests {
    use clb_model::rules::Rule;
    use clb_model::time::Timestamp;

    use super::{Page, time};

    #[test]
    fn times_are_beijing_time() {
        assert_eq!(time(Timestamp::from_unix_millis(1_700_000_000_999)), "2023-11-15 06:13:20");
    }

    #[test]
    fn a_page_has_bounds() {
        let page = |offset, limit| Page::check(offset, limit, 20, 100, Rule::LbDescribeLimitMax100);
        assert_eq!(page(Some(2), Some(2)).expect("valid").of(vec![1, 2, 3, 4, 5]), [3, 4]);
        assert_eq!(page(None, None).expect("valid").of((0..30).collect()).len(), 20);
        assert_eq!(page(Some(9), None).expect("valid").of(vec![1]), Vec::<i32>::new());
        for (offset, limit) in [(None, Some(0)), (None, Some(101)), (Some(-1), None)] {
            assert_eq!(page(offset, limit).map_err(|refusal| refusal.rule), Err(Rule::LbDescribeLimitMax100));
        }
    }
}
