"""Who is calling: sts."""

from .cloud import Claims, sts


class CallerIdentity(Claims):
    def test_the_caller_is_told_its_account(self):
        caller = sts.GetCallerIdentity()
        self.assertRegex(caller.AccountId, "^[0-9]{9,}$")
        self.assertEqual(caller.PrincipalId, caller.AccountId)
        self.assertEqual(caller.UserId, caller.AccountId)
        self.assertIn(caller.AccountId, caller.Arn)
        self.assertTrue(caller.Type)
