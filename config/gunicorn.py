"""How the web server runs: threads, time limits, and nothing open that is not needed."""

import os

from config.logging import log_directory, logging_config

_directory = log_directory(os.environ)
if _directory is not None:
    _directory.mkdir(mode=0o750, parents=True, exist_ok=True)

# In front stands nginx on the same machine, or nobody: only the loopback is answered unless BIND says otherwise.
bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or '8000'}"
proc_name = "huiyin-web"
umask = 0o027

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("WEB_THREADS") or 8)
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  the heartbeat must not wait for a disk
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = int(os.environ.get("WEB_MAX_REQUESTS") or 2000)
max_requests_jitter = max_requests // 10

# X-Forwarded-Proto is believed from our own proxy alone.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1,::1"
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190

# A door that nobody here uses.
control_socket_disable = True

# Neither the address of who asked nor the query is written down: both tell more about a person than the log needs.
accesslog = "-"
errorlog = "-"
access_log_format = "%(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
logconfig_dict = logging_config("web", _directory)
