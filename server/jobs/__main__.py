"""The worker: `python -m server.jobs` takes numbers from the queue and does the work until it is told to stop."""

import logging
import os
import secrets
import signal
import socket
from typing import Any

from huey.consumer import Consumer

from config.logging import configure, log_directory
from config.settings import Settings, Unfit
from server.app import Unsafe, create_app, fit, room
from server.jobs.carrier import Carrier
from server.jobs.kinds import JOBS
from server.jobs.queue import Queue
from server.jobs.routine import Routine
from server.voice.voice import Voice

log = logging.getLogger("server.jobs")

WORKERS = 2
GRACE_SECONDS = 20
"""Longer than the longest outside call; then the leases run out by themselves."""


class Clockwork(Consumer):
    """Huey's consumer, stopped gently by TERM and by Ctrl-C: what is in hand is finished or given back."""

    queue: Queue
    routine: Routine

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signal_actions = {signal.SIGTERM: (False, True), signal.SIGINT: (False, True)}

    def stop(self, graceful: bool = True) -> None:
        """First the jobs are told, then the workers are waited for."""
        self.queue.stopping.set()
        self.routine.stop()
        super().stop(graceful=True)


def main() -> None:
    """Start, and run until a signal comes."""
    try:
        settings = Settings.from_environment(os.environ)
    except Unfit as unfit:
        raise SystemExit(str(unfit)) from None
    configure("worker", log_directory(os.environ))
    logging.getLogger("huey").setLevel(logging.WARNING)
    try:
        room(settings)
        carrier = Carrier(settings)
        app = create_app(settings, wake=carrier.carry)
        with app.app_context():
            fit(app)
    except Unsafe as unsafe:
        raise SystemExit(f"不能启动：{unsafe}") from None
    app.extensions["voice"] = Voice.of(settings, app.extensions["wire"])
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
    queue = Queue(app, JOBS, owner)
    carrier.bind(queue.do_and_forget)
    consumer = Clockwork(
        carrier.huey,
        workers=WORKERS,
        periodic=False,
        initial_delay=0.05,
        backoff=1.3,
        max_delay=0.5,
        scheduler_interval=60,
        shutdown_timeout=GRACE_SECONDS,
    )
    consumer.queue, consumer.routine = queue, Routine(app, queue, carrier)
    consumer.routine.start()
    log.info("the clockwork runs as %s", owner)
    consumer.run()
    log.info("the clockwork has stopped")


if __name__ == "__main__":
    main()
