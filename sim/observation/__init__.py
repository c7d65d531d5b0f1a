"""What is seen of a world: who holds what, what it should be, how long the difference lasts and why."""
