"""Prints by post: what can be chosen, how far each order is, parcels and their carriers, addresses on envelopes."""
