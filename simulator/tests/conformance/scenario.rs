//! A small life of a world that goes through every action that is served, so that each has answered once with something
//! in it. Whether the answers are right is not looked at here.

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};

use crate::door::Door;

const BLUE: &str = "ins-demoblue";

struct World<'a> {
    door: &'a mut Door,
}

impl World<'_> {
    async fn clb(&mut self, action: &str, arguments: Value) -> Value {
        let reply = self.door.ask("clb", "2018-03-17", action, &arguments).await;
        // A write is over when its task is; the answer waits for that.
        if let (true, Some(task)) = (!action.starts_with("Describe"), reply["RequestId"].as_str()) {
            let task = json!({"TaskId": task});
            while self.door.ask("clb", "2018-03-17", "DescribeTaskStatus", &task).await["Status"] == 2 {}
        }
        reply
    }

    async fn ssl(&mut self, action: &str, arguments: Value) -> Value {
        self.door.ask("ssl", "2019-12-05", action, &arguments).await
    }

    async fn vpc(&mut self, action: &str, arguments: Value) -> Value {
        self.door.ask("vpc", "2017-03-12", action, &arguments).await
    }

    async fn cvm(&mut self, action: &str, arguments: Value) -> Value {
        self.door.ask("cvm", "2017-03-12", action, &arguments).await
    }

    async fn tag(&mut self, action: &str, arguments: Value) -> Value {
        self.door.ask("tag", "2018-08-13", action, &arguments).await
    }
}

pub async fn run(door: &mut Door) {
    let mut world = World { door };
    networks(&mut world).await;
    let group = security_groups(&mut world).await;
    let (server, other, ca) = certificates(&mut world).await;
    let lb = load_balancers(&mut world, &group).await;
    listeners(&mut world, &lb, [&server, &other, &ca]).await;
    tags(&mut world, &lb).await;
    endings(&mut world, &lb, &server).await;
}

async fn networks(world: &mut World<'_>) {
    let vpc = world
        .vpc(
            "CreateVpc",
            json!({"VpcName": "made", "CidrBlock": "10.9.0.0/16", "Tags": [{"Key": "made", "Value": "here"}]}),
        )
        .await;
    let vpc = vpc["Vpc"]["VpcId"].clone();
    let subnet = json!({"VpcId": vpc, "SubnetName": "made", "CidrBlock": "10.9.1.0/24", "Zone": "ap-guangzhou-3",
        "Tags": [{"Key": "made", "Value": "here"}]});
    let subnet = world.vpc("CreateSubnet", subnet).await["Subnet"]["SubnetId"].clone();
    world.vpc("DescribeVpcs", json!({})).await;
    world.vpc("DescribeSubnets", json!({})).await;
    world.vpc("DescribeAddresses", json!({})).await;
    world.vpc("DeleteSubnet", json!({"SubnetId": subnet})).await;
    world.vpc("DeleteVpc", json!({"VpcId": vpc})).await;
    let tags = json!([{"TagKey": "made", "TagValue": "here"}]);
    let instance = format!("qcs::cvm:ap-guangzhou:uin/:instance/{BLUE}");
    world.tag("ModifyResourceTags", json!({"Resource": instance, "ReplaceTags": tags})).await;
    world.cvm("DescribeInstances", json!({})).await;
    world.cvm("DescribeZones", json!({})).await;
}

async fn security_groups(world: &mut World<'_>) -> Value {
    let named = json!({"GroupName": "made", "GroupDescription": "made", "Tags": [{"Key": "made", "Value": "here"}]});
    let group = world.vpc("CreateSecurityGroup", named).await["SecurityGroup"]["SecurityGroupId"].clone();
    let policy = json!({"Protocol": "UDP", "Port": "443", "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT"});
    let policies = json!({"Ingress": [policy]});
    let of = |more: Value| {
        let mut arguments = json!({"SecurityGroupId": group});
        if let (Some(arguments), Some(more)) = (arguments.as_object_mut(), more.as_object()) {
            arguments.extend(more.clone());
        }
        arguments
    };
    let other = json!({"GroupName": "other", "GroupDescription": "other", "SecurityGroupPolicySet": policies});
    let other = world.vpc("CreateSecurityGroupWithPolicies", other).await["SecurityGroup"]["SecurityGroupId"].clone();
    world.vpc("CreateSecurityGroupPolicies", of(json!({"SecurityGroupPolicySet": policies}))).await;
    world.vpc("DescribeSecurityGroups", json!({})).await;
    world.vpc("DescribeSecurityGroupPolicies", of(json!({}))).await;
    let replaced = json!({"Ingress": [{"PolicyIndex": 0, "Protocol": "UDP", "Port": "8443", "CidrBlock": "0.0.0.0/0",
        "Action": "ACCEPT"}]});
    world.vpc("ReplaceSecurityGroupPolicies", of(json!({"SecurityGroupPolicySet": replaced}))).await;
    let both = json!({"Ingress": [policy], "Egress": [{"Protocol": "ALL", "Port": "ALL", "CidrBlock": "0.0.0.0/0",
        "Action": "ACCEPT"}]});
    world.vpc("ModifySecurityGroupPolicies", of(json!({"SecurityGroupPolicySet": both}))).await;
    world.vpc("DescribeSecurityGroupPolicies", of(json!({}))).await;
    let first = json!({"Ingress": [{"PolicyIndex": 0}]});
    world.vpc("DeleteSecurityGroupPolicies", of(json!({"SecurityGroupPolicySet": first}))).await;
    world.vpc("ModifySecurityGroupAttribute", of(json!({"GroupName": "renamed"}))).await;
    world.vpc("DescribeSecurityGroupAssociationStatistics", json!({"SecurityGroupIds": [group]})).await;
    world.vpc("DeleteSecurityGroup", json!({"SecurityGroupId": other})).await;
    group
}

/// A server certificate, another one, and a CA's.
async fn certificates(world: &mut World<'_>) -> (Value, Value, Value) {
    let key = KeyPair::generate().expect("a key");
    let server = CertificateParams::new(vec!["game.example".to_owned()]).expect("a name");
    let pem = server.self_signed(&key).expect("a certificate").pem();
    let upload = json!({"CertificatePublicKey": pem, "CertificatePrivateKey": key.serialize_pem(),
        "CertificateType": "SVR", "Alias": "made", "Repeatable": true,
        "Tags": [{"TagKey": "made", "TagValue": "here"}]});
    let first = world.ssl("UploadCertificate", upload.clone()).await["CertificateId"].clone();
    let second = world.ssl("UploadCertificate", upload.clone()).await["CertificateId"].clone();
    let third = world.ssl("UploadCertificate", upload).await["CertificateId"].clone();
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&key).expect("a certificate").pem();
    let ca = json!({"CertificatePublicKey": pem, "CertificateType": "CA", "Alias": "clients"});
    let ca = world.ssl("UploadCertificate", ca).await["CertificateId"].clone();
    world.ssl("DescribeCertificate", json!({"CertificateId": first})).await;
    world.ssl("DescribeCertificateDetail", json!({"CertificateId": first})).await;
    world.ssl("DescribeCertificates", json!({})).await;
    world.ssl("ModifyCertificateAlias", json!({"CertificateId": first, "Alias": "renamed"})).await;
    world.ssl("DeleteCertificate", json!({"CertificateId": third})).await;
    (first, second, ca)
}

async fn load_balancers(world: &mut World<'_>, group: &Value) -> Value {
    let create = json!({"LoadBalancerType": "OPEN", "LoadBalancerName": "made",
        "Tags": [{"TagKey": "made", "TagValue": "here"}]});
    let lb = world.clb("CreateLoadBalancer", create).await["LoadBalancerIds"][0].clone();
    let internal = json!({"LoadBalancerType": "INTERNAL", "VpcId": "vpc-demo0001", "SubnetId": "subnet-demo0001"});
    world.clb("CreateLoadBalancer", internal).await;
    world.clb("ModifyLoadBalancerAttributes", json!({"LoadBalancerId": lb, "LoadBalancerName": "renamed"})).await;
    // The seed's, as long as none can be made.
    let group = if group.is_null() { &json!("sg-demo0001") } else { group };
    let groups = json!({"LoadBalancerId": lb, "SecurityGroups": [group]});
    world.clb("SetLoadBalancerSecurityGroups", groups).await;
    let off = json!({"SecurityGroup": group, "OperationType": "DEL", "LoadBalancerIds": [lb]});
    world.clb("SetSecurityGroupForLoadbalancers", off).await;
    let on = json!({"SecurityGroup": group, "OperationType": "ADD", "LoadBalancerIds": [lb]});
    world.clb("SetSecurityGroupForLoadbalancers", on).await;
    world.clb("ModifyLoadBalancersProject", json!({"LoadBalancerIds": [lb], "ProjectId": 0})).await;
    let sla = json!({"LoadBalancerSla": [{"LoadBalancerId": lb, "SlaType": "clb.c2.medium"}]});
    world.clb("ModifyLoadBalancerSla", sla).await;
    world.clb("DescribeQuota", json!({})).await;
    lb
}

async fn listeners(world: &mut World<'_>, lb: &Value, [server, other, ca]: [&Value; 3]) {
    let mutual = json!({"SSLMode": "MUTUAL", "CertId": server, "CertCaId": ca});
    let check = json!({"HealthSwitch": 1, "CheckType": "HTTP", "HttpCheckDomain": "game.example"});
    let quic = json!({"LoadBalancerId": lb, "Ports": [8443], "Protocol": "QUIC", "ListenerNames": ["made"],
        "Certificate": mutual, "HealthCheck": check});
    let quic = world.clb("CreateListener", quic).await["ListenerIds"][0].clone();
    let tcp = json!({"LoadBalancerId": lb, "Ports": [8080], "Protocol": "TCP"});
    let tcp = world.clb("CreateListener", tcp).await["ListenerIds"][0].clone();
    let of = |more: Value| {
        let mut arguments = json!({"LoadBalancerId": lb, "ListenerId": quic});
        if let (Some(arguments), Some(more)) = (arguments.as_object_mut(), more.as_object()) {
            arguments.extend(more.clone());
        }
        arguments
    };
    world.clb("ModifyListener", of(json!({"ListenerName": "renamed"}))).await;
    let target = |port: u16, weight: u16| json!({"InstanceId": BLUE, "Port": port, "Weight": weight});
    world.clb("RegisterTargets", of(json!({"Targets": [target(80, 10), target(81, 10)]}))).await;
    world.clb("ModifyTargetWeight", of(json!({"Targets": [target(80, 20)]}))).await;
    world.clb("ModifyTargetPort", of(json!({"Targets": [{"InstanceId": BLUE, "Port": 81}], "NewPort": 82}))).await;
    let batch = json!({"LoadBalancerId": lb, "Targets": [{"ListenerId": tcp, "InstanceId": BLUE, "Port": 83}]});
    world.clb("BatchRegisterTargets", batch.clone()).await;
    let heavier = json!({"LoadBalancerId": lb,
        "ModifyList": [{"ListenerId": quic, "Targets": [target(80, 30)], "Weight": 30}]});
    world.clb("BatchModifyTargetWeight", heavier).await;
    let remarked = json!({"LoadBalancerId": lb,
        "ModifyList": [{"ListenerId": quic, "Targets": [target(80, 30)], "Tag": "remark"}]});
    world.clb("BatchModifyTargetTag", remarked).await;
    world.clb("DescribeListeners", json!({"LoadBalancerId": lb})).await;
    world.clb("DescribeTargets", json!({"LoadBalancerId": lb})).await;
    world.clb("DescribeTargetHealth", json!({"LoadBalancerIds": [lb]})).await;
    let asked = json!({"LoadBalancerIds": [lb], "AdditionalFields": ["TargetCount"]});
    world.clb("DescribeLoadBalancers", asked).await;
    world.clb("DescribeLoadBalancersDetail", json!({})).await;
    world.clb("DescribeLoadBalancerListByCertId", json!({"CertIds": [server]})).await;
    world
        .clb("ReplaceCertForLoadBalancers", json!({"OldCertificateId": server, "Certificate": {"CertId": other}}))
        .await;
    world.clb("SetLoadBalancerStartStatus", json!({"OperationType": "Stop", "LoadBalancerId": lb})).await;
    world.clb("SetLoadBalancerStartStatus", json!({"OperationType": "Start", "LoadBalancerId": lb})).await;
    world.clb("BatchDeregisterTargets", batch).await;
    world.clb("DeregisterTargets", of(json!({"Targets": [{"InstanceId": BLUE, "Port": 80}]}))).await;
    world.clb("DeleteListener", of(json!({}))).await;
}

async fn tags(world: &mut World<'_>, lb: &Value) {
    let name = format!("qcs::clb:ap-guangzhou:uin/:clb/{}", lb.as_str().unwrap_or_default());
    let tags = json!([{"TagKey": "made", "TagValue": "there"}]);
    world.tag("ModifyResourceTags", json!({"Resource": name, "ReplaceTags": tags})).await;
    let asked = json!({"ServiceType": "clb", "ResourcePrefix": "clb", "ResourceIds": [lb],
        "ResourceRegion": "ap-guangzhou"});
    world.tag("DescribeResourceTagsByResourceIds", asked).await;
}

async fn endings(world: &mut World<'_>, lb: &Value, server: &Value) {
    world.clb("DeleteLoadBalancerListeners", json!({"LoadBalancerId": lb})).await;
    world.clb("DeleteLoadBalancer", json!({"LoadBalancerIds": [lb]})).await;
    world.ssl("DeleteCertificate", json!({"CertificateId": server})).await;
}
