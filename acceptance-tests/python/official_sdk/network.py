"""VPCs, subnets, route tables, addresses, instances, zones: what a load balancer stands in."""

from .cloud import REGION, Claims, cvm, vpc

ZONE = f"{REGION}-3"


class Networks(Claims):
    def vpc(self, cidr="172.20.0.0/16", **fields):
        created = vpc.CreateVpc(VpcName="made-by-the-sdk", CidrBlock=cidr, **fields).Vpc
        self.addCleanup(self.delete_vpc, created.VpcId)
        return created

    def delete_vpc(self, vpc_id):
        if vpc.DescribeVpcs(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}]).TotalCount:
            vpc.DeleteVpc(VpcId=vpc_id)


class Vpcs(Networks):
    def test_the_default_vpc_is_there(self):
        (found,) = vpc.DescribeVpcs(VpcIds=["vpc-demo0001"]).VpcSet
        self.assertEqual(found.CidrBlock, "10.0.0.0/16")
        self.assertIs(found.IsDefault, True)

    def test_a_vpc_is_created_shown_changed_and_deleted(self):
        created = self.vpc(Tags=[{"Key": "team", "Value": "video"}])
        self.assertRegex(created.VpcId, "^vpc-[a-z0-9]{8}$")
        self.assertIs(created.IsDefault, False)

        vpc.ModifyVpcAttribute(VpcId=created.VpcId, VpcName="renamed")
        (found,) = vpc.DescribeVpcs(Filters=[{"Name": "vpc-id", "Values": [created.VpcId]}], Limit="10").VpcSet
        self.assertEqual((found.VpcName, found.CidrBlock), ("renamed", "172.20.0.0/16"))
        self.assertEqual([(tag.Key, tag.Value) for tag in found.TagSet], [("team", "video")])
        self.assertRegex(found.CreatedTime, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")

        vpc.DeleteVpc(VpcId=created.VpcId)
        self.refused("ResourceNotFound", created.VpcId, vpc.DeleteVpc, VpcId=created.VpcId)

    def test_ids_and_filters_exclude_each_other(self):
        filters = [{"Name": "vpc-id", "Values": ["vpc-demo0001"]}]
        self.refused("InvalidParameter.Coexist", "", vpc.DescribeVpcs, VpcIds=["vpc-demo0001"], Filters=filters)

    def test_a_vpc_has_a_main_route_table(self):
        vpc_id = self.vpc().VpcId
        filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "association.main", "Values": ["true"]}]
        (table,) = vpc.DescribeRouteTables(Filters=filters).RouteTableSet
        self.assertEqual(table.VpcId, vpc_id)
        self.assertIs(table.Main, True)
        self.assertRegex(table.RouteTableId, "^rtb-")

    def test_a_vpc_has_further_cidrs(self):
        vpc_id = self.vpc().VpcId
        added = vpc.CreateAssistantCidr(VpcId=vpc_id, CidrBlocks=["172.21.0.0/16"]).AssistantCidrSet
        self.assertEqual([it.CidrBlock for it in added], ["172.21.0.0/16"])
        change = {"NewCidrBlocks": ["172.22.0.0/16"], "OldCidrBlocks": ["172.21.0.0/16"]}
        vpc.ModifyAssistantCidr(VpcId=vpc_id, **change)
        found = vpc.DescribeAssistantCidr(VpcIds=[vpc_id])
        self.assertEqual([(it.VpcId, it.CidrBlock) for it in found.AssistantCidrSet], [(vpc_id, "172.22.0.0/16")])
        vpc.DeleteAssistantCidr(VpcId=vpc_id, CidrBlocks=["172.22.0.0/16"])
        self.assertEqual(vpc.DescribeAssistantCidr(VpcIds=[vpc_id]).TotalCount, 0)

    def test_a_cidr_of_somebody_else_is_refused(self):
        self.refused(
            "InvalidParameterValue.Malformed", "CidrBlock", vpc.CreateVpc, VpcName="far", CidrBlock="8.8.0.0/16"
        )


class Subnets(Networks):
    def test_the_subnet_of_the_default_vpc_is_there(self):
        found = vpc.DescribeSubnets(Filters=[{"Name": "vpc-id", "Values": ["vpc-demo0001"]}]).SubnetSet
        self.assertEqual([(it.SubnetId, it.CidrBlock) for it in found], [("subnet-demo0001", "10.0.1.0/24")])

    def test_a_subnet_is_created_shown_changed_and_deleted(self):
        vpc_id = self.vpc().VpcId
        created = vpc.CreateSubnet(VpcId=vpc_id, SubnetName="one", Zone=ZONE, CidrBlock="172.20.1.0/24").Subnet
        self.assertRegex(created.SubnetId, "^subnet-[a-z0-9]{8}$")
        self.assertEqual(created.VpcId, vpc_id)

        vpc.ModifySubnetAttribute(SubnetId=created.SubnetId, SubnetName="renamed")
        (found,) = vpc.DescribeSubnets(SubnetIds=[created.SubnetId]).SubnetSet
        self.assertEqual((found.SubnetName, found.CidrBlock, found.Zone), ("renamed", "172.20.1.0/24", ZONE))
        self.assertEqual(found.AvailableIpAddressCount, 253)

        overlapping = {"SubnetName": "two", "Zone": ZONE, "CidrBlock": "172.20.1.128/25"}
        self.refused("InvalidParameterValue.SubnetConflict", "", vpc.CreateSubnet, VpcId=vpc_id, **overlapping)
        self.refused("ResourceInUse", "", vpc.DeleteVpc, VpcId=vpc_id)

        vpc.DeleteSubnet(SubnetId=created.SubnetId)
        self.assertEqual(vpc.DescribeSubnets(SubnetIds=["subnet-demo0001"]).TotalCount, 1)
        self.refused("ResourceNotFound", created.SubnetId, vpc.DeleteSubnet, SubnetId=created.SubnetId)


    def test_a_subnet_has_the_route_table_of_its_vpc(self):
        (subnet,) = vpc.DescribeSubnets(SubnetIds=["subnet-demo0001"]).SubnetSet
        vpc.ReplaceRouteTableAssociation(SubnetId=subnet.SubnetId, RouteTableId=subnet.RouteTableId)
        replace = vpc.ReplaceRouteTableAssociation
        self.refused("ResourceNotFound", "", replace, SubnetId=subnet.SubnetId, RouteTableId="rtb-nowhere0")


class Machines(Claims):
    def test_the_instances_of_the_seed_can_be_backends(self):
        (blue,) = cvm.DescribeInstances(InstanceIds=["ins-demoblue"]).InstanceSet
        self.assertEqual((blue.InstanceName, blue.InstanceState), ("blue", "RUNNING"))
        self.assertEqual(blue.PrivateIpAddresses, ["10.0.1.5"])
        self.assertEqual(blue.VirtualPrivateCloud.VpcId, "vpc-demo0001")
        self.assertEqual(blue.Placement.Zone, ZONE)

    def test_instances_are_found_by_a_filter(self):
        filters = [{"Name": "vpc-id", "Values": ["vpc-demo0001"]}]
        found = cvm.DescribeInstances(Filters=filters, Limit=100)
        self.assertEqual(sorted(it.InstanceId for it in found.InstanceSet), ["ins-demoblue", "ins-demogren"])
        self.assertEqual(found.TotalCount, 2)

    def test_the_zones_of_the_region_are_named(self):
        zones = cvm.DescribeZones()
        self.assertIn(ZONE, [zone.Zone for zone in zones.ZoneSet])
        self.assertEqual(zones.TotalCount, len(zones.ZoneSet))

    def test_elastic_addresses_can_be_asked_for(self):
        found = vpc.DescribeAddresses(Filters=[{"Name": "instance-id", "Values": ["lb-00000000"]}])
        self.assertEqual((found.TotalCount, found.AddressSet), (0, []))
