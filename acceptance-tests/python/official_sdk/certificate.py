"""Certificates: the ssl service, and the load balancers that use them."""

from .certificates import authority, server
from .cloud import Claims, clb, ssl


class Certificates(Claims):
    def test_a_certificate_is_uploaded_shown_renamed_and_deleted(self):
        pem, key = server("shop.example.test")
        certificate_id = self.certificate((pem, key), Alias="shop")
        self.assertRegex(certificate_id, "^[A-Za-z0-9]{8}$")

        ssl.ModifyCertificateAlias(CertificateId=certificate_id, Alias="renamed")
        shown = ssl.DescribeCertificateDetail(CertificateId=certificate_id)
        self.assertEqual((shown.CertificateId, shown.Alias), (certificate_id, "renamed"))
        self.assertEqual((shown.CertificateType, shown.Status, shown.ProjectId), ("SVR", 1, "0"))
        self.assertEqual(shown.CertificatePublicKey.strip(), pem.strip())
        self.assertEqual((shown.Domain, shown.SubjectAltName), ("shop.example.test", ["shop.example.test"]))
        for time in shown.CertBeginTime, shown.CertEndTime, shown.InsertTime:
            self.assertRegex(time, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")

        self.assertIs(ssl.DeleteCertificate(CertificateId=certificate_id).DeleteResult, True)
        gone = "FailedOperation.CertificateNotFound"
        self.refused(gone, certificate_id, ssl.DescribeCertificateDetail, CertificateId=certificate_id)
        self.refused(gone, certificate_id, ssl.DeleteCertificate, CertificateId=certificate_id)

    def test_a_certificate_is_shown_without_its_texts_too(self):
        certificate_id = self.certificate(Alias="short")
        shown = ssl.DescribeCertificate(CertificateId=certificate_id)
        self.assertEqual((shown.CertificateId, shown.Alias, shown.Status), (certificate_id, "short", 1))

    def test_a_deletion_that_looks_for_users_has_a_result(self):
        certificate_id = self.certificate()
        task_id = ssl.DeleteCertificate(CertificateId=certificate_id, IsCheckResource=True).TaskId
        (result,) = ssl.DescribeDeleteCertificatesTaskResult(TaskIds=[task_id]).DeleteTaskResult
        self.assertEqual((result.TaskId, result.CertId, result.Status), (task_id, certificate_id, 1))

    def test_certificates_are_listed_and_searched(self):
        certificate_id = self.certificate(Alias="needle")
        found = ssl.DescribeCertificates(SearchKey="needle", Limit=10)
        self.assertEqual([it.CertificateId for it in found.Certificates], [certificate_id])
        self.assertEqual((found.TotalCount, found.Certificates[0].CertificateType), (1, "SVR"))

    def test_a_certificate_moves_to_another_project(self):
        certificate_id = self.certificate()
        moved = ssl.ModifyCertificateProject(CertificateIdList=[certificate_id], ProjectId=7)
        self.assertEqual((moved.SuccessCertificates, moved.FailCertificates), ([certificate_id], []))
        self.assertEqual(ssl.DescribeCertificateDetail(CertificateId=certificate_id).ProjectId, "7")

    def test_what_is_no_certificate_or_has_another_key_is_refused(self):
        pem, _ = server()
        _, other_key = server()
        upload = ssl.UploadCertificate
        self.refused("FailedOperation.CertificateParseError", "", upload, CertificatePublicKey="?", CertificatePrivateKey="?")
        self.refused(
            "FailedOperation.CertificateMismatch", "", upload, CertificatePublicKey=pem, CertificatePrivateKey=other_key
        )
        self.refused("InvalidParameter.WithDetailReason", "", upload, CertificatePublicKey=pem)

    def test_an_authority_is_uploaded_without_a_key(self):
        uploaded = ssl.UploadCertificate(CertificatePublicKey=authority(), CertificateType="CA").CertificateId
        self.addCleanup(self.delete_certificate, uploaded)
        self.assertEqual(ssl.DescribeCertificateDetail(CertificateId=uploaded).CertificateType, "CA")


class InUse(Claims):
    def test_who_uses_a_certificate_is_told_and_another_takes_its_place(self):
        old, new = self.certificate(), self.certificate()
        load_balancer_id = self.load_balancer()
        listener_id = self.listener(load_balancer_id, old)

        def users(certificate_id):
            (found,) = clb.DescribeLoadBalancerListByCertId(CertIds=[certificate_id]).CertSet
            self.assertEqual(found.CertId, certificate_id)
            return [it.LoadBalancerId for it in found.LoadBalancers]

        self.assertEqual((users(old), users(new)), ([load_balancer_id], []))
        clb.ReplaceCertForLoadBalancers(OldCertificateId=old, Certificate={"SSLMode": "UNIDIRECTIONAL", "CertId": new})
        self.assertEqual((users(old), users(new)), ([], [load_balancer_id]))
        self.assertEqual(self.the_listener(load_balancer_id, listener_id).Certificate.CertId, new)
