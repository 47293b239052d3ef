"""Buying: credits and single photos, invoices, orders, withdrawal and refunds."""
