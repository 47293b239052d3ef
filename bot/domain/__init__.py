"""Values and errors that travel between all parts, prices, zones, and settings as a button carries them.

Plain data without I/O. These modules import nothing of the project but each other.
"""
