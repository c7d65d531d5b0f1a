"""SCIM 2.0 as AWS IAM Identity Center speaks it."""
