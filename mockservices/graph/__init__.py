"""Microsoft Graph: a directory of users and groups, its change feed, and one provisioning job's controls."""
