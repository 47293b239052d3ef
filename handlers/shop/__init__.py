"""Buying: credits and single photos, invoices, orders and their way back."""
