"""A closed set of counters for /metrics. Their labels are tools and outcomes, never people."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.tools.shelf import SHELF
from storage.counters import COUNTED

PARTS = ("telegram", "database", "jail", "disk")  # without which the bot cannot serve


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.jobs = Counter(
            "darkroom_jobs", "Jobs by tool and how they ended", ("tool", "outcome"), registry=self.registry
        )
        self.held = Histogram(
            "darkroom_photo_held_seconds",
            "How long a photo was in memory",
            ("tool",),
            buckets=(0.1, 0.3, 1, 3, 10, 30, 60),
            registry=self.registry,
        )
        self.waiting = Gauge("darkroom_jobs_waiting", "Jobs that wait for their turn", registry=self.registry)
        self.running = Gauge("darkroom_jobs_running", "Jobs with a photo in memory", registry=self.registry)
        self.errors = Counter("darkroom_errors", "Unexpected errors by kind", ("kind",), registry=self.registry)
        self.job_done = Gauge(
            "darkroom_job_done_timestamp_seconds",
            "When a job of the scheduler last ended well",
            ("job",),
            registry=self.registry,
        )
        self.limits = Counter(
            "darkroom_limits", "What was refused for now, by limit", ("limit",), registry=self.registry
        )
        self.paused = Gauge("darkroom_paused", "1 while operators pause the work", registry=self.registry)
        self.up = Gauge("darkroom_up", "1 while the bot can serve, by part", ("part",), registry=self.registry)
        for part in PARTS:
            self.up.labels(part)
        for limit in COUNTED["limit"]:
            self.limits.labels(limit)
        for tool in SHELF:
            for outcome in COUNTED["job"]:
                self.jobs.labels(tool, outcome)
