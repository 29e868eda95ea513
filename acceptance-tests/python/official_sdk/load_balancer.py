"""Load balancers: create, show, change, delete."""

from .cloud import Claims, clb, wait


class LoadBalancers(Claims):
    def shown(self, load_balancer_id):
        (found,) = clb.DescribeLoadBalancers(LoadBalancerIds=[load_balancer_id]).LoadBalancerSet
        return found

    def test_a_public_load_balancer_is_shown_as_it_was_made(self):
        made = self.load_balancer(
            LoadBalancerName="web",
            InternetAccessible={"InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR", "InternetMaxBandwidthOut": 20},
            Tags=[{"TagKey": "team", "TagValue": "video"}],
        )
        shown = self.shown(made)
        self.assertRegex(made, "^lb-[a-z0-9]{8}$")
        self.assertEqual((shown.LoadBalancerId, shown.LoadBalancerName), (made, "web"))
        self.assertEqual((shown.LoadBalancerType, shown.Forward, shown.Status), ("OPEN", 1, 1))
        self.assertEqual((shown.VpcId, shown.AddressIPVersion), ("vpc-demo0001", "ipv4"))
        self.assertEqual(len(shown.LoadBalancerVips), 1)
        self.assertEqual((shown.TargetRegionInfo.Region, shown.TargetRegionInfo.VpcId), ("ap-guangzhou", "vpc-demo0001"))
        self.assertEqual(shown.NetworkAttributes.InternetMaxBandwidthOut, 20)
        self.assertEqual([(tag.TagKey, tag.TagValue) for tag in shown.Tags], [("team", "video")])
        self.assertRegex(shown.CreateTime, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")

    def test_an_internal_load_balancer_needs_a_subnet(self):
        made = self.load_balancer(LoadBalancerType="INTERNAL", SubnetId="subnet-demo0001")
        self.assertEqual((self.shown(made).LoadBalancerType, self.shown(made).SubnetId), ("INTERNAL", "subnet-demo0001"))
        internal = {"LoadBalancerType": "INTERNAL", "VpcId": "vpc-demo0001"}
        self.refused("MissingParameter", "SubnetId", clb.CreateLoadBalancer, **internal)

    def test_both_kinds_of_ipv6_are_told_apart(self):
        nat64 = self.shown(self.load_balancer(AddressIPVersion="IPV6"))
        self.assertEqual((nat64.AddressIPVersion, nat64.IPv6Mode), ("ipv6", "IPv6Nat64"))
        full = self.shown(self.load_balancer(AddressIPVersion="IPv6FullChain", SubnetId="subnet-demo0001"))
        self.assertEqual((full.AddressIPVersion, full.IPv6Mode), ("ipv6", "IPv6FullChain"))

    def test_load_balancers_are_found_by_name_and_filter_and_in_pages(self):
        made = [self.load_balancer(LoadBalancerName=f"shelf-{number}") for number in range(3)]
        found = clb.DescribeLoadBalancers(LoadBalancerName="shelf", Limit=2, OrderBy="LoadBalancerName", OrderType=0)
        self.assertEqual([it.LoadBalancerName for it in found.LoadBalancerSet], ["shelf-0", "shelf-1"])
        self.assertEqual(found.TotalCount, 3)
        last = clb.DescribeLoadBalancers(LoadBalancerName="shelf-2").LoadBalancerSet
        self.assertEqual([it.LoadBalancerId for it in last], [made[2]])
        self.refused("InvalidParameterValue.Range", "Limit", clb.DescribeLoadBalancers, Limit=101)

    def test_the_detailed_list_has_a_row_for_each(self):
        made = self.load_balancer(LoadBalancerName="detailed")
        asked = ["LoadBalancerType", "AddressIPVersion", "LoadBalancerPassToTarget"]
        rows = clb.DescribeLoadBalancersDetail(Limit=100, Fields=asked).LoadBalancerDetailSet
        (row,) = [row for row in rows if row.LoadBalancerId == made]
        self.assertIsNone(row.Address)  # nobody asked for it
        self.assertEqual((row.LoadBalancerName, row.LoadBalancerType), ("detailed", "Public"))
        self.assertEqual((row.AddressIPVersion, row.LoadBalancerPassToTarget), ("IPv4", 0))

    def test_attributes_change_in_place(self):
        made = self.load_balancer(LoadBalancerName="before")
        wait(
            clb.ModifyLoadBalancerAttributes(
                LoadBalancerId=made,
                LoadBalancerName="after",
                LoadBalancerPassToTarget=True,
                InternetChargeInfo={"InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR", "InternetMaxBandwidthOut": 50},
            )
        )
        shown = self.shown(made)
        self.assertEqual((shown.LoadBalancerName, shown.LoadBalancerPassToTarget), ("after", True))
        self.assertEqual(shown.NetworkAttributes.InternetMaxBandwidthOut, 50)

    def test_a_protected_load_balancer_is_not_deleted(self):
        made = self.load_balancer()
        wait(clb.ModifyLoadBalancerAttributes(LoadBalancerId=made, DeleteProtect=True))
        self.assertIn("DeleteProtect", self.shown(made).AttributeFlags)
        self.refused("FailedOperation", made, clb.DeleteLoadBalancer, LoadBalancerIds=[made])
        wait(clb.ModifyLoadBalancerAttributes(LoadBalancerId=made, DeleteProtect=False))

    def test_a_load_balancer_changes_its_project_and_its_capacity(self):
        made = self.load_balancer(SlaType="clb.c2.medium")
        wait(clb.ModifyLoadBalancersProject(LoadBalancerIds=[made], ProjectId=7))
        self.assertEqual(self.shown(made).ProjectId, 7)
        wait(clb.ModifyLoadBalancerSla(LoadBalancerSla=[{"LoadBalancerId": made, "SlaType": "clb.c3.medium"}]))
        self.assertEqual(self.shown(made).SlaType, "clb.c3.medium")

    def test_where_logs_go_is_kept(self):
        made = self.load_balancer()
        clb.SetLoadBalancerClsLog(LoadBalancerId=made, LogSetId="set-1", LogTopicId="topic-1")
        self.assertEqual((self.shown(made).LogSetId, self.shown(made).LogTopicId), ("set-1", "topic-1"))

    def test_what_is_deleted_is_gone(self):
        made = self.load_balancer()
        wait(clb.DeleteLoadBalancer(LoadBalancerIds=[made]))
        gone = clb.DescribeLoadBalancers(LoadBalancerIds=[made])
        self.assertEqual((gone.TotalCount, gone.LoadBalancerSet), (0, []))
        self.refused("InvalidParameter.LBIdNotFound", made, clb.DeleteLoadBalancer, LoadBalancerIds=[made])

    def test_a_client_token_makes_one_load_balancer_of_two_calls(self):
        fields = {"LoadBalancerType": "OPEN", "VpcId": "vpc-demo0001", "ClientToken": "made-once"}
        first, again = clb.CreateLoadBalancer(**fields), clb.CreateLoadBalancer(**fields)
        self.assertEqual(wait(first).LoadBalancerIds, again.LoadBalancerIds)

    def test_a_missing_and_a_wrong_argument_are_named(self):
        self.refused("MissingParameter", "LoadBalancerType", clb.CreateLoadBalancer)
        self.refused("InvalidParameterValue", "LoadBalancerType", clb.CreateLoadBalancer, LoadBalancerType="PUBLIC")
        self.refused("InvalidParameter", "Forward", clb.CreateLoadBalancer, LoadBalancerType="OPEN", Forward="1")
