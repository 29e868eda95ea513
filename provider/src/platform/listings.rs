//! Lists: all that fits a question, page by page.
//!
//! What is looked for is for [`crate::data_sources`] to say. Lists are not shared between those who ask at the same time, as reads
//! of one object are ([`super::reads`]): hardly two ask the same.

use std::collections::{BTreeSet, VecDeque};

use clb_cloud_api::clb::{DescribeLoadBalancers, LoadBalancer};
use clb_cloud_api::ssl::{Certificates, DescribeCertificates};
use clb_cloud_api::vpc::{DescribeSecurityGroups, SecurityGroup};
use clb_cloud_api::{Action, CallError};

use super::Platform;

/// A question whose answer comes in pages.
pub trait Paged: Action {
    /// What is listed.
    type Item: Send;

    /// The most that one page has, by the platform's documentation.
    const LARGEST_PAGE: u32;

    /// The question for the page that begins after so many.
    #[must_use]
    fn page(&self, offset: u64) -> Self;

    /// What a page has, and how many there are in all.
    fn items(reply: Self::Reply) -> (Vec<Self::Item>, u64);

    /// What tells one from another.
    fn id(item: &Self::Item) -> &str;
}

/// What some questions find, one after the other. A page is asked for when it is needed.
#[derive(Debug)]
pub struct Found<'a, Q: Paged> {
    platform: &'a Platform,
    questions: VecDeque<Q>,
    /// How many the first question has brought so far.
    offset: u64,
    /// Those that came before: while pages are read, others come and go, and some would be met twice.
    seen: BTreeSet<String>,
    page: VecDeque<Q::Item>,
}

impl<'a, Q: Paged> Found<'a, Q> {
    /// Nothing is asked yet.
    pub fn new(platform: &'a Platform, questions: impl IntoIterator<Item = Q>) -> Self {
        let (questions, seen, page) = (questions.into_iter().collect(), BTreeSet::new(), VecDeque::new());
        Self { platform, questions, offset: 0, seen, page }
    }

    /// The next one.
    pub async fn next(&mut self) -> Result<Option<Q::Item>, CallError> {
        while self.page.is_empty() {
            let Some(question) = self.questions.front() else { return Ok(None) };
            let (items, total) = Q::items(self.platform.call(&question.page(self.offset)).await?.reply);
            let count = items.len() as u64;
            self.page = items.into_iter().filter(|item| self.seen.insert(Q::id(item).to_owned())).collect();
            self.offset += count;
            // A page without anything new ends it as well: what the platform would say after that has no end.
            let rest = if total > 0 { self.offset < total } else { count >= u64::from(Q::LARGEST_PAGE) };
            if !rest || self.page.is_empty() {
                self.questions.pop_front();
                self.offset = 0;
            }
        }
        Ok(self.page.pop_front())
    }

    /// All of them.
    pub async fn all(mut self) -> Result<Vec<Q::Item>, CallError> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await? {
            all.push(item);
        }
        Ok(all)
    }
}

impl Paged for DescribeLoadBalancers {
    type Item = LoadBalancer;
    const LARGEST_PAGE: u32 = 100;

    fn page(&self, offset: u64) -> Self {
        Self { offset: i64::try_from(offset).ok(), limit: Some(Self::LARGEST_PAGE.into()), ..self.clone() }
    }

    fn items(reply: Self::Reply) -> (Vec<LoadBalancer>, u64) {
        (reply.load_balancer_set, reply.total_count)
    }

    fn id(item: &LoadBalancer) -> &str {
        &item.load_balancer_id
    }
}

impl Paged for DescribeCertificates {
    type Item = Certificates;
    const LARGEST_PAGE: u32 = 1_000;

    fn page(&self, offset: u64) -> Self {
        Self { offset: Some(offset), limit: Some(Self::LARGEST_PAGE.into()), ..self.clone() }
    }

    fn items(reply: Self::Reply) -> (Vec<Certificates>, u64) {
        (reply.certificates, reply.total_count)
    }

    fn id(item: &Certificates) -> &str {
        &item.certificate_id
    }
}

impl Paged for DescribeSecurityGroups {
    type Item = SecurityGroup;
    const LARGEST_PAGE: u32 = 100;

    fn page(&self, offset: u64) -> Self {
        Self { offset: Some(offset.to_string()), limit: Some(Self::LARGEST_PAGE.to_string()), ..self.clone() }
    }

    fn items(reply: Self::Reply) -> (Vec<SecurityGroup>, u64) {
        (reply.security_group_set, reply.total_count)
    }

    fn id(item: &SecurityGroup) -> &str {
        &item.security_group_id
    }
}
