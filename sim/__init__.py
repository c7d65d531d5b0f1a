"""The simulated world: people, the provisioning job, and the numbers that come out of both."""
