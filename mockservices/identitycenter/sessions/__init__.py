"""Sign-in, portal sessions and role sessions: whether somebody can still get in, and until when."""
