"""A Celery task that blurs the background of a photograph, and a client that waits for it.

    celery --workdir examples -A celery_worker worker --concurrency 2 --loglevel info
    python examples/celery_worker.py examples/astronaut.jpg portrait.jpg

Without settings, messages are files in a folder of this machine (QUEUE_FOLDER), and no broker is
needed.  For several machines set BROKER_URL and RESULT_BACKEND, for example to those of Redis.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

import defocus

FOLDER = Path(os.environ.get("QUEUE_FOLDER", Path.home() / ".cache" / "defocus-celery"))
FOLDER.mkdir(parents=True, exist_ok=True)

app = Celery(
    "defocus",
    broker=os.environ.get("BROKER_URL", "filesystem://"),
    backend=os.environ.get("RESULT_BACKEND", FOLDER.as_uri()),
)
if "BROKER_URL" not in os.environ:
    # Worker and client share one folder: what one sends, the other receives.
    app.conf.broker_transport_options = {
        "data_folder_in": str(FOLDER),
        "data_folder_out": str(FOLDER),
        "control_folder": str(FOLDER / "control"),
    }
app.conf.update(
    task_acks_late=True,  # the photographs of a lost worker are made again
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,  # a task takes long, so no worker keeps others waiting
)

# Celery starts its workers by fork.  A Segmenter may exist before, and each worker builds its own
# network from it.  One thread for each worker, because the workers share the CPUs.
segmenter = defocus.Segmenter(threads=1)


@worker_process_init.connect
def warm_up(**_: Any) -> None:
    """Build the network in every new worker process, before its first task."""
    segmenter.warmup()


# `throws` marks errors of the input.  They are results, not crashes, and a retry would not help.
@app.task(name="portrait", throws=(defocus.DefocusError,), time_limit=120)
def portrait(source: str, target: str, aperture: float = 1.8) -> dict[str, Any]:
    """Make the portrait of one file.  Messages hold paths, not pixels."""
    subject = defocus.find_subject(source, segmenter=segmenter)
    picture = defocus.portrait(source, subject=subject, aperture=aperture, segmenter=segmenter)
    # The file appears whole or not at all.  So a task may run twice.
    defocus.save(picture, target)
    return {"target": target, "size": picture.size, "warnings": subject.warnings}


def main(arguments: list[str]) -> int:
    """Queue one photograph, and wait for its portrait."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    source, target = (str(Path(path).resolve()) for path in arguments)
    try:
        print(json.dumps(portrait.delay(source, target).get(timeout=120)))
    except Exception as error:
        # A worker's error arrives with the name of its type.
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
