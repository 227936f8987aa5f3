"""The embedded server's settings: small in memory, durable in every commit."""

from __future__ import annotations

from pathlib import Path

_HEAD = """\
# Written by Twoway each time it starts the server.
# For settings of your own use ALTER SYSTEM, which wins over this file.
"""

_SETTINGS = {
    # No commit is answered before it is on disk.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    # Small: one company's desk on one machine.
    "max_connections": "100",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_maintenance_workers": "1",
    "max_logical_replication_workers": "0",
    # Few, long checkpoints; recovery still ends within seconds.
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "min_wal_size": "80MB",
    "max_wal_size": "1GB",
    # Queues and outboxes turn rows over quickly.
    "autovacuum": "on",
    "autovacuum_max_workers": "2",
    "autovacuum_naptime": "30s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    # Short queries on solid-state disks.
    "jit": "off",
    "random_page_cost": "1.1",
    # One language and one clock, whatever the machine's are.
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "datestyle": "'iso, ymd'",
    "lc_messages": "'C'",
    "lc_monetary": "'C'",
    "lc_numeric": "'C'",
    "lc_time": "'C'",
    "default_text_search_config": "'pg_catalog.simple'",
    # Its messages go to standard error, which is the log file in the data folder.
    "logging_collector": "off",
    "log_destination": "'stderr'",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
    "log_line_prefix": "'%m [%p] '",
}

# PostgreSQL 18 reads through helper processes; at this size one is plenty.
_SINCE = {18: {"io_workers": "1"}}


def text(*, major: int) -> str:
    """The whole configuration file for a server of that major version."""
    settings = dict(_SETTINGS)
    for since, more in _SINCE.items():
        if major >= since:
            settings.update(more)
    return _HEAD + "".join(f"{name} = {value}\n" for name, value in settings.items())


def arguments(*, pgdata: Path, config_file: Path, socket_dir: Path) -> list[str]:
    """The command line: what must hold whatever the files say. It listens on the Unix socket alone."""
    quoted = str(socket_dir).replace('"', '""')
    fixed = {
        "config_file": str(config_file),
        "hba_file": str(pgdata / "pg_hba.conf"),
        "ident_file": str(pgdata / "pg_ident.conf"),
        "listen_addresses": "",
        "unix_socket_directories": f'"{quoted}"',
        "unix_socket_permissions": "0700",
    }
    words = ["-D", str(pgdata)]
    for name, value in fixed.items():
        words += ["-c", f"{name}={value}"]
    return words
