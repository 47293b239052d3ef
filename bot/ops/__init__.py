"""What operators see of the service: metrics, logs, error reports, usage statistics and their chart, GA4.

Numbers and kinds come in, never contents or people.
"""
