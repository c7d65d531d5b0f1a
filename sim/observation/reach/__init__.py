"""Who could still get in: usable access, sessions that outlive their grant, and when the last door closed."""
