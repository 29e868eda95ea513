//! Searching: what has a name, and who uses something. What has an id is read in [`super::reads`].

use clb_cloud_api::CallError;
use clb_cloud_api::clb::{DescribeLoadBalancerListByCertId, DescribeLoadBalancers, Listener, LoadBalancer};
use clb_cloud_api::ssl::{Certificates, DescribeCertificates};
use clb_cloud_api::vpc::{DescribeSecurityGroups, Filter, SecurityGroup};

use super::Platform;
use super::reads::told;

impl Platform {
    /// The load balancers in a VPC (or in any) with this name (or any), the newest first, at most as many as one page has.
    pub async fn load_balancers_named(
        &self,
        name: Option<&str>,
        vpc_id: Option<&str>,
    ) -> Result<Vec<LoadBalancer>, CallError> {
        let question = DescribeLoadBalancers {
            load_balancer_name: name.map(str::to_owned),
            vpc_id: vpc_id.map(str::to_owned),
            limit: Some(100),
            ..Default::default()
        };
        let found = self.call(&question).await?.reply.load_balancer_set;
        // The platform looks for the name as a part of names, too.
        Ok(found.into_iter().filter(|it| name.is_none_or(|name| it.load_balancer_name == name)).collect())
    }

    /// The certificates of a type and a project with this name, or with any, at most as many as one page has.
    pub async fn certificates_named(
        &self,
        kind: &str,
        project_id: u32,
        name: Option<&str>,
    ) -> Result<Vec<Certificates>, CallError> {
        let question = DescribeCertificates {
            certificate_type: Some(kind.to_owned()),
            project_id: (project_id != 0).then(|| project_id.into()),
            search_key: name.map(str::to_owned),
            limit: Some(1000),
            ..Default::default()
        };
        let found = self.call(&question).await?.reply.certificates;
        // The platform looks for the name as a part of names, domains and ids.
        Ok(found.into_iter().filter(|it| name.is_none_or(|name| it.alias == name)).collect())
    }

    /// The security groups with this name, the newest first, at most as many as one page has.
    pub async fn security_groups_named(&self, name: &str) -> Result<Vec<SecurityGroup>, CallError> {
        let by_name = Filter { name: "security-group-name".to_owned(), values: vec![name.to_owned()] };
        let question = DescribeSecurityGroups {
            filters: Some(vec![by_name]),
            limit: Some("100".to_owned()),
            order_field: Some("CreatedTime".to_owned()),
            order_direction: Some("DESC".to_owned()),
            ..Default::default()
        };
        let found = self.call(&question).await?.reply.security_group_set;
        Ok(found.into_iter().filter(|it| it.security_group_name == name).collect())
    }

    /// The listeners of the region that show a certificate or check clients against it, in words; none when the platform does not
    /// tell.
    pub async fn users_of_certificate(&self, id: &str) -> Result<Vec<String>, CallError> {
        let question = DescribeLoadBalancerListByCertId { cert_ids: vec![id.to_owned()] };
        let using = told(self.call(&question).await.map(|answered| answered.reply.cert_set))?.unwrap_or_default();
        let mut users = Vec::new();
        for balancer in using.into_iter().filter(|it| it.cert_id == id).flat_map(|it| it.load_balancers) {
            let LoadBalancer { load_balancer_id, load_balancer_name, .. } = balancer;
            let listeners = self.listeners(&load_balancer_id).await?;
            let using: Vec<_> = listeners.iter().flat_map(|it| it.iter()).filter(|it| uses(it, id)).collect();
            if using.is_empty() {
                users.push(format!("the load balancer {load_balancer_id} ({load_balancer_name})"));
            }
            users.extend(using.into_iter().map(|Listener { listener_id, protocol, port, .. }| {
                format!("the listener {listener_id} ({protocol} {port}) of {load_balancer_id} ({load_balancer_name})")
            }));
        }
        Ok(users)
    }
}

/// Whether a listener has a certificate, for itself or for its clients.
fn uses(listener: &Listener, certificate_id: &str) -> bool {
    listener.certificate.as_ref().is_some_and(|it| {
        let more = it.ext_cert_ids.iter().any(|id| id == certificate_id);
        it.cert_id == certificate_id || it.cert_ca_id == certificate_id || more
    })
}
