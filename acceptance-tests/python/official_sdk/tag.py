"""Tags of resources: the tag service."""

from .cloud import REGION, Claims, clb, sts, tag


class Tags(Claims):
    def setUp(self):
        self.load_balancer_id = self.load_balancer()
        self.resource = f"qcs::clb:{REGION}:uin/:clb/{self.load_balancer_id}"

    def tags(self):
        found = tag.DescribeResourceTagsByResourceIds(
            ServiceType="clb", ResourcePrefix="clb", ResourceIds=[self.load_balancer_id], ResourceRegion=REGION
        )
        self.assertEqual({it.ResourceId for it in found.Tags} - {self.load_balancer_id}, set())
        self.assertEqual(found.TotalCount, len(found.Tags))
        return {it.TagKey: it.TagValue for it in found.Tags}

    def test_tags_are_set_changed_and_removed(self):
        both = [{"TagKey": "team", "TagValue": "video"}, {"TagKey": "stage", "TagValue": "test"}]
        tag.ModifyResourceTags(Resource=self.resource, ReplaceTags=both)
        self.assertEqual(self.tags(), {"team": "video", "stage": "test"})
        change = [{"TagKey": "team", "TagValue": "audio"}]
        tag.ModifyResourceTags(Resource=self.resource, ReplaceTags=change, DeleteTags=[{"TagKey": "stage"}])
        self.assertEqual(self.tags(), {"team": "audio"})
        (shown,) = clb.DescribeLoadBalancers(LoadBalancerIds=[self.load_balancer_id]).LoadBalancerSet
        self.assertEqual([(it.TagKey, it.TagValue) for it in shown.Tags], [("team", "audio")])

    def test_several_resources_are_tagged_at_once(self):
        tags = [{"TagKey": "team", "TagValue": "video"}]
        account = sts.GetCallerIdentity().AccountId
        named = f"qcs::clb:{REGION}:uin/{account}:clb/{self.load_balancer_id}"
        done = tag.TagResources(ResourceList=[named], Tags=tags)
        self.assertEqual(done.FailedResources or [], [])
        self.assertEqual(self.tags(), {"team": "video"})
        tag.UnTagResources(ResourceList=[named], TagKeys=["team"])
        self.assertEqual(self.tags(), {})

    def test_a_resource_that_does_not_exist_is_refused(self):
        nothing = f"qcs::clb:{REGION}:uin/:clb/lb-nowhere0"
        tags = [{"TagKey": "a", "TagValue": "b"}]
        self.refused("ResourceNotFound", "lb-nowhere0", tag.ModifyResourceTags, Resource=nothing, ReplaceTags=tags)
