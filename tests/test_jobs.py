"""The scheduler's plan: which jobs there are, how often each runs, and how soon after a start."""

from unittest.mock import MagicMock

from bot import jobs


def test_what_the_scheduler_does_and_when() -> None:
    queue = MagicMock()
    jobs.schedule(queue, MagicMock(), MagicMock(), MagicMock())
    assert [(call.kwargs["name"], call.args[1], call.kwargs["first"]) for call in queue.method_calls] == [
        ("orders", 30, 2),  # seconds: every, first
        ("support", 30, 3),
        ("errors", 30, 4),
        ("reconcile", 600, 5),
        ("forget", 3600, 6),
        ("ga4", 600, 7),
    ]
