"""Tasks: a write answers at once, and its RequestId says later how it went."""

from .cloud import Claims, clb, wait


class Tasks(Claims):
    def test_the_task_of_a_creation_names_what_it_made(self):
        created = clb.CreateLoadBalancer(LoadBalancerType="OPEN", VpcId="vpc-demo0001")
        task = wait(created)
        self.assertEqual(task.LoadBalancerIds, created.LoadBalancerIds)
        self.assertNotEqual(task.RequestId, created.RequestId)

    def test_a_creation_is_found_by_its_deal_too(self):
        created = clb.CreateLoadBalancer(LoadBalancerType="OPEN", VpcId="vpc-demo0001")
        wait(created)
        by_deal = clb.DescribeTaskStatus(DealName=created.DealName)
        self.assertEqual((by_deal.Status, by_deal.LoadBalancerIds), (0, created.LoadBalancerIds))

    def test_an_unknown_task_and_no_task_are_refused(self):
        nobody = "00000000-0000-4000-8000-000000000000"
        self.refused("InvalidParameter", nobody, clb.DescribeTaskStatus, TaskId=nobody)
        self.refused("InvalidParameter", "TaskId", clb.DescribeTaskStatus)
