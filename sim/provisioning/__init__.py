"""The provisioning service: what Entra's job decides, sends, remembers and logs."""
