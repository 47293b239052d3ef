"""Thousands of made histories, deaths at any step, planted faults, crowds."""
