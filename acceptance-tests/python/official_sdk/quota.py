"""Quotas of the account."""

from .cloud import Claims, clb


class Quotas(Claims):
    def test_every_quota_is_told_with_its_limit(self):
        quotas = {it.QuotaId: it for it in clb.DescribeQuota().QuotaSet}
        self.assertEqual(quotas["TOTAL_LISTENER_QUOTA"].QuotaLimit, 50)
        self.assertIsNone(quotas["TOTAL_LISTENER_QUOTA"].QuotaCurrent)
        self.assertGreaterEqual(quotas["TOTAL_OPEN_CLB_QUOTA"].QuotaCurrent, 0)

    def test_what_is_there_is_counted(self):
        def count():
            return next(it for it in clb.DescribeQuota().QuotaSet if it.QuotaId == "TOTAL_OPEN_CLB_QUOTA").QuotaCurrent

        before = count()
        self.load_balancer()
        self.assertEqual(count(), before + 1)
