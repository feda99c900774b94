"""Putting the books right: what to look at, what a decision would do, and decisions that wait to be saved together."""
