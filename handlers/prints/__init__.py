"""Prints of a result: proof and order, the way to the lab, and what the lab answers."""
