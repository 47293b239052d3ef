"""Values and errors that travel between all parts, prices, zones, and settings as a button carries them.

Plain data comes in and goes out; nothing here imports anything of ours.
"""
