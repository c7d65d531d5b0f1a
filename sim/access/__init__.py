"""Who should have what: the access policy."""
