"""The commands of `python -m bot`, a module each: develop, check, playground, lab."""
