"""The manual way: a change in the directory becomes a ticket, and somebody works it in the target's console."""
