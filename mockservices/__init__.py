"""The services that jmlab imitates: Microsoft Graph, SCIM and IAM Identity Center, with their rules in plain Python."""
