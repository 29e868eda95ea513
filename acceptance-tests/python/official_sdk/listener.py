"""Listeners: QUIC ones with everything they can have, and those of other protocols beside them."""

from .certificates import authority
from .cloud import Claims, clb, ssl, wait

HEALTH_CHECK = {"HealthSwitch": 1, "CheckType": "TCP", "TimeOut": 3, "IntervalTime": 7, "HealthNum": 2, "UnHealthNum": 4}


class Listeners(Claims):
    def setUp(self):
        self.certificate_id = self.certificate()
        self.load_balancer_id = self.load_balancer()

    def shown(self, listener_id):
        return self.the_listener(self.load_balancer_id, listener_id)

    def quic(self, port, **fields):
        return self.listener(self.load_balancer_id, self.certificate_id, port, **fields)

    def create(self, protocol, port, **fields):
        created = clb.CreateListener(LoadBalancerId=self.load_balancer_id, Protocol=protocol, Ports=[port], **fields)
        wait(created)
        return created.ListenerIds[0]

    def tls(self, **fields):
        return {"SSLMode": "UNIDIRECTIONAL", "CertId": self.certificate_id, **fields}

    def test_a_quic_listener_is_shown_as_it_was_made(self):
        made = self.quic(8443, ListenerNames=["web"], Scheduler="LEAST_CONN", HealthCheck=HEALTH_CHECK)
        shown = self.shown(made)
        self.assertRegex(made, "^lbl-[a-z0-9]{8}$")
        self.assertEqual((shown.ListenerId, shown.ListenerName), (made, "web"))
        self.assertEqual((shown.Protocol, shown.Port, shown.EndPort), ("QUIC", 8443, 0))
        self.assertEqual((shown.Scheduler, shown.SessionExpireTime, shown.SniSwitch), ("LEAST_CONN", 0, 0))
        certificate = shown.Certificate
        self.assertEqual((certificate.SSLMode, certificate.CertId), ("UNIDIRECTIONAL", self.certificate_id))
        self.assertEqual(certificate.ExtCertIds, [])
        for name, value in HEALTH_CHECK.items():
            self.assertEqual(getattr(shown.HealthCheck, name), value, name)
        # What the official Terraform provider could not live with (platform.md 12.7).
        self.assertIsNone(shown.HealthCheck.CheckPort)
        self.assertIsNone(shown.HealthCheck.HttpCode)

    def test_defaults_are_those_of_the_platform(self):
        shown = self.shown(self.quic(8444))
        self.assertEqual(shown.Scheduler, "WRR")
        health = shown.HealthCheck
        self.assertEqual((health.HealthSwitch, health.CheckType), (1, "TCP"))
        self.assertEqual((health.TimeOut, health.IntervalTime, health.HealthNum, health.UnHealthNum), (2, 5, 3, 3))

    def test_several_ports_make_several_listeners_in_order(self):
        created = clb.CreateListener(
            LoadBalancerId=self.load_balancer_id, Protocol="QUIC", Ports=[8452, 8451], Certificate=self.tls()
        )
        wait(created)
        self.assertEqual([self.shown(it).Port for it in created.ListenerIds], [8452, 8451])
        found = clb.DescribeListeners(LoadBalancerId=self.load_balancer_id, Protocol="QUIC", Port=8451)
        self.assertEqual([it.ListenerId for it in found.Listeners], [created.ListenerIds[1]])
        self.assertEqual(found.TotalCount, 1)

    def test_what_a_change_leaves_out_stays(self):
        made = self.quic(8443, ListenerNames=["before"], HealthCheck=HEALTH_CHECK)
        change = {"ListenerName": "after", "Scheduler": "LEAST_CONN", "HealthCheck": {"IntervalTime": 20}}
        wait(clb.ModifyListener(LoadBalancerId=self.load_balancer_id, ListenerId=made, **change))
        shown = self.shown(made)
        self.assertEqual((shown.ListenerName, shown.Scheduler, shown.Port), ("after", "LEAST_CONN", 8443))
        self.assertEqual((shown.HealthCheck.IntervalTime, shown.HealthCheck.TimeOut), (20, 3))
        self.assertEqual(shown.Certificate.CertId, self.certificate_id)

    def test_clients_are_asked_for_certificates_too(self):
        ca = ssl.UploadCertificate(CertificatePublicKey=authority(), CertificateType="CA").CertificateId
        self.addCleanup(self.delete_certificate, ca)
        mutual = self.tls(SSLMode="MUTUAL", CertCaId=ca)
        made = self.create("QUIC", 8443, Certificate=mutual, ProxyProtocol=True)
        shown = self.shown(made)
        self.assertEqual((shown.Certificate.SSLMode, shown.Certificate.CertCaId), ("MUTUAL", ca))
        self.assertIn("ProxyProtocol", shown.AttrFlags)

    def test_listeners_of_other_protocols_are_there_as_objects(self):
        for protocol, port in ("TCP", 8443), ("UDP", 9443), ("TCP_SSL", 9444):
            certificate = {"Certificate": self.tls()} if protocol == "TCP_SSL" else {}
            shown = self.shown(self.create(protocol, port, **certificate))
            self.assertEqual((shown.Protocol, shown.Port), (protocol, port))
        self.quic(8443)  # TCP has the same number: another class of ports

    def test_a_listener_is_stopped_and_started(self):
        made = self.quic(8443)
        for operation, is_stopped in ("Stop", True), ("Start", False):
            wait(
                clb.SetLoadBalancerStartStatus(
                    LoadBalancerId=self.load_balancer_id, OperationType=operation, ListenerIds=[made]
                )
            )
            self.assertEqual("Stop" in self.shown(made).AttrFlags, is_stopped)

    def test_actions_for_layer_7_are_refused_on_a_listener_of_layer_4(self):
        place = {"LoadBalancerId": self.load_balancer_id, "ListenerId": self.quic(8443)}
        only = "This interface only support HTTP/HTTPS listener."
        rule = {"Domain": "a.example", "Url": "/"}
        self.refused("InvalidParameterValue", only, clb.CreateRule, Rules=[rule], **place)
        self.refused("InvalidParameterValue", only, clb.ModifyRule, LocationId="loc-nowhere0", **place)
        self.refused("InvalidParameterValue", only, clb.DeleteRule, **place)
        self.refused("InvalidParameterValue", only, clb.ModifyDomain, Domain="a.example", NewDomain="b.example", **place)
        self.refused("InvalidParameterValue", only, clb.ModifyDomainAttributes, Domain="a.example", **place)
        self.refused("InvalidParameterValue", only, clb.AutoRewrite, **place)

    def test_one_listener_some_listeners_and_all_are_deleted(self):
        made = [self.quic(port) for port in (8443, 8444, 8445, 8446)]
        wait(clb.DeleteListener(LoadBalancerId=self.load_balancer_id, ListenerId=made[0]))
        delete = clb.DeleteLoadBalancerListeners
        wait(delete(LoadBalancerId=self.load_balancer_id, ListenerIds=[made[1]]))
        unknown = {"LoadBalancerId": self.load_balancer_id, "ListenerIds": [made[1], made[2]]}
        self.refused("InvalidParameter", made[1], delete, **unknown)
        left = clb.DescribeListeners(LoadBalancerId=self.load_balancer_id).Listeners
        self.assertEqual(sorted(it.ListenerId for it in left), sorted(made[2:]))
        wait(delete(LoadBalancerId=self.load_balancer_id))
        self.assertEqual(clb.DescribeListeners(LoadBalancerId=self.load_balancer_id).Listeners, [])

    def test_mistakes_are_refused_with_the_platforms_codes(self):
        self.quic(8443)
        create = clb.CreateListener
        quic = {"LoadBalancerId": self.load_balancer_id, "Protocol": "QUIC", "Ports": [8447], "Certificate": self.tls()}
        self.refused("InvalidParameter.PortCheckFailed", "8443", create, **{**quic, "Ports": [8443]})
        self.refused("InvalidParameterValue", "Ports", create, **{**quic, "Ports": [0]})
        self.refused("InvalidParameterValue", "WRR or LEAST_CONN", create, **{**quic, "Scheduler": "FAST"})
        self.refused("MissingParameter", "Certificate", create, **{**quic, "Certificate": None})
        self.refused("InvalidParameterValue", "nowhere0", create, **{**quic, "Certificate": self.tls(CertId="nowhere0")})
        self.refused("InvalidParameter", "LoadBalancer not exist", create, **{**quic, "LoadBalancerId": "lb-nowhere0"})
        self.refused("InvalidParameterValue", "lb-classic0", create, **{**quic, "LoadBalancerId": "lb-classic0"})

    def test_an_unknown_listener_is_an_empty_list_to_read_and_refused_to_change(self):
        asked = {"LoadBalancerId": self.load_balancer_id, "ListenerIds": ["lbl-nowhere0"]}
        self.assertEqual(clb.DescribeListeners(**asked).Listeners, [])
        unknown = {"LoadBalancerId": self.load_balancer_id, "ListenerId": "lbl-nowhere0"}
        self.refused("InvalidParameter", "lbl-nowhere0", clb.ModifyListener, ListenerName="x", **unknown)
        self.refused("InvalidParameter", "lbl-nowhere0", clb.DeleteListener, **unknown)
        self.refused("InvalidParameter.LBIdNotFound", "lb-nowhere0", clb.DescribeListeners, LoadBalancerId="lb-nowhere0")
