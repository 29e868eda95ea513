"""Backends bound to a listener: bind, show, weigh, move, unbind; and their health."""

from .cloud import Claims, clb, wait

BLUE = {"InstanceId": "ins-demoblue", "Port": 8080}
GREEN = {"EniIp": "10.0.1.6", "Port": 8080}


class Bound(Claims):
    def setUp(self):
        certificate_id = self.certificate()
        self.load_balancer_id = self.load_balancer()
        no_check = {"HealthSwitch": 0}
        self.listener_id = self.listener(self.load_balancer_id, certificate_id, HealthCheck=no_check)
        self.place = {"LoadBalancerId": self.load_balancer_id, "ListenerId": self.listener_id}

    def register(self, *targets):
        wait(clb.RegisterTargets(Targets=targets, **self.place))

    def shown(self, **asked):
        asked = {"ListenerIds": [self.listener_id], **asked}
        found = clb.DescribeTargets(LoadBalancerId=self.load_balancer_id, **asked).Listeners
        self.assertEqual([it.ListenerId for it in found], [self.listener_id])
        return found[0]

    def weights(self):
        return {(it.PrivateIpAddresses[0], it.Port): it.Weight for it in self.shown().Targets}


class Targets(Bound):
    def test_targets_are_shown_as_they_were_bound(self):
        self.register({**BLUE, "Weight": 30}, GREEN)
        shown = self.shown()
        self.assertEqual((shown.Protocol, shown.Port, shown.Rules), ("QUIC", 8443, None))
        blue, green = sorted(shown.Targets, key=lambda target: target.Type)
        self.assertEqual((blue.Type, blue.InstanceId, blue.InstanceName), ("CVM", "ins-demoblue", "blue"))
        self.assertEqual((blue.Port, blue.Weight, blue.PrivateIpAddresses), (8080, 30, ["10.0.1.5"]))
        self.assertEqual((green.Type, green.Weight, green.PrivateIpAddresses), ("ENI", 10, ["10.0.1.6"]))
        self.assertRegex(blue.RegisteredTime, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")

    def test_targets_are_found_by_address(self):
        self.register(BLUE, GREEN)
        by_address = [{"Name": "private-ip-address", "Values": ["10.0.1.6"]}]
        self.assertEqual([it.PrivateIpAddresses for it in self.shown(Filters=by_address).Targets], [["10.0.1.6"]])

    def test_a_weight_a_port_and_a_tag_change_in_place(self):
        self.register(BLUE, GREEN)
        wait(clb.ModifyTargetWeight(Targets=[{**BLUE, "Weight": 0}, GREEN], Weight=77, **self.place))
        self.assertEqual(self.weights(), {("10.0.1.5", 8080): 0, ("10.0.1.6", 8080): 77})
        wait(clb.ModifyTargetPort(Targets=[BLUE], NewPort=9090, **self.place))
        self.assertEqual(self.weights(), {("10.0.1.5", 9090): 0, ("10.0.1.6", 8080): 77})

    def test_weights_change_for_several_listeners_at_once(self):
        self.register(BLUE, GREEN)
        rule = {"ListenerId": self.listener_id, "Targets": [{**BLUE, "Weight": 5}, GREEN], "Weight": 6}
        wait(clb.BatchModifyTargetWeight(LoadBalancerId=self.load_balancer_id, ModifyList=[rule]))
        self.assertEqual(self.weights(), {("10.0.1.5", 8080): 5, ("10.0.1.6", 8080): 6})

    def test_tags_change_for_several_listeners_at_once(self):
        self.register(BLUE, GREEN)
        rule = {"ListenerId": self.listener_id, "Targets": [BLUE], "Tag": "canary"}
        clb.BatchModifyTargetTag(LoadBalancerId=self.load_balancer_id, ModifyList=[rule])
        tagged = {it.PrivateIpAddresses[0]: it.Tag for it in self.shown().Targets}
        self.assertEqual(tagged["10.0.1.5"], "canary")
        self.assertFalse(tagged["10.0.1.6"])

    def test_a_batch_binds_what_it_can_and_names_the_rest(self):
        batch = [{"ListenerId": self.listener_id, **BLUE}, {"ListenerId": "lbl-nowhere0", **GREEN}]
        bound = clb.BatchRegisterTargets(LoadBalancerId=self.load_balancer_id, Targets=batch)
        self.assertEqual(bound.FailListenerIdSet, ["lbl-nowhere0"])
        self.assertIn("lbl-nowhere0", bound.Message)
        self.assertEqual(self.weights(), {("10.0.1.5", 8080): 10})
        unbound = clb.BatchDeregisterTargets(LoadBalancerId=self.load_balancer_id, Targets=batch[:1])
        self.assertEqual(unbound.FailListenerIdSet, [])
        self.assertEqual(self.weights(), {})

    def test_binding_again_sets_the_weight_and_unbinding_removes(self):
        self.register(BLUE)
        self.register({**BLUE, "Weight": 50})
        self.assertEqual(self.weights(), {("10.0.1.5", 8080): 50})
        wait(clb.DeregisterTargets(Targets=[BLUE], **self.place))
        self.assertEqual(self.weights(), {})
        self.refused("InvalidParameter", "", clb.DeregisterTargets, Targets=[BLUE], **self.place)

    def test_mistakes_are_refused_with_the_platforms_codes(self):
        register = clb.RegisterTargets
        self.refused("InvalidParameterValue", "Targets.0.Weight", register, Targets=[{**BLUE, "Weight": 101}], **self.place)
        self.refused("InvalidParameterValue", "Targets.0.Port", register, Targets=[{**BLUE, "Port": 0}], **self.place)
        self.refused("MissingParameter", "Targets.0.Port", register, Targets=[{"EniIp": "10.0.1.6"}], **self.place)
        self.refused("InvalidParameter", "", register, Targets=[{**BLUE, **GREEN}], **self.place)
        self.refused("InvalidParameterValue", "ins-nowhere0", register, Targets=[{**BLUE, "InstanceId": "ins-nowhere0"}], **self.place)
        self.refused("InvalidParameterValue.Duplicate", "", register, Targets=[BLUE, BLUE], **self.place)
        many = [{"EniIp": "10.0.1.6", "Port": port} for port in range(1, 22)]
        self.refused("InvalidParameterValue.Length", "Targets", register, Targets=many, **self.place)


class Health(Bound):
    def test_health_is_told_for_each_target(self):
        self.register(BLUE, GREEN)
        (load_balancer,) = clb.DescribeTargetHealth(LoadBalancerIds=[self.load_balancer_id]).LoadBalancers
        self.assertEqual(load_balancer.LoadBalancerId, self.load_balancer_id)
        (listener,) = load_balancer.Listeners
        self.assertEqual((listener.ListenerId, listener.Protocol, listener.Port), (self.listener_id, "QUIC", 8443))
        (rule,) = listener.Rules
        self.assertTrue(rule.LocationId)
        self.assertEqual((rule.Domain, rule.Url), (None, None))
        blue, green = sorted(rule.Targets, key=lambda target: target.IP)
        self.assertEqual((blue.IP, blue.Port, blue.TargetId), ("10.0.1.5", 8080, "ins-demoblue"))
        # The check is switched off.
        self.assertEqual((green.HealthStatusDetail, green.HealthStatusDetial), ("Close", "Close"))
