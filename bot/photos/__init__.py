"""The photo-job service: a photo and a tool come in; it waits for its turn, is fetched, developed, and delivered.

Queues, the memory budget, rate limits and the prefetch of albums are here; pixels are in `bot/tools`.
"""
