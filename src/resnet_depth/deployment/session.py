"""An ONNX file in ONNX Runtime, on the CPU; without torch, so that a first answer comes at once."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.runs.records import damaged, require_file

# The level from which on ONNX Runtime writes to stderr: only what ends the process.
_FATAL = 4
# Bounds the memory of many images.
IMAGES_AT_ONCE = 250
# What a network's graph calls the images that it takes and the logits that it gives.
INPUT, OUTPUT = "pixels", "logits"


def open_session(path: Path, threads: int, target: str) -> onnxruntime.InferenceSession:
    """Return a session for a file that the DVC stage `target`, such as `export@…`, wrote.

    Its threads sleep while they wait for work. By default they spin, which takes the processor from
    whatever else runs in the process or beside it.

    Raises:
        UserError: If the file is missing, or holds no model that can be run.
    """
    require_file(path, target)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = _FATAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # Its exceptions have no base of their own.
        fault = f"ONNX Runtime can't read it ({' '.join(str(error).split())[:120]})"
        raise damaged(path, target, fault) from None


def answer(session: onnxruntime.InferenceSession, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the logits, float32 (n, classes), of images at once, uint8 (n, pixels, pixels, 3)."""
    logits: NDArray[np.float32] = session.run([OUTPUT], {INPUT: images})[0]
    return logits


def session_logits(
    session: onnxruntime.InferenceSession, images: NDArray[np.uint8], title: str
) -> NDArray[np.float32]:
    """Return what `answer` does, for as many images as there are, n ≥ 1, batch by batch.

    Raises:
        UserError: If one isn't finite, naming the network by `title`.
    """
    starts = range(0, len(images), IMAGES_AT_ONCE)
    logits = np.concatenate([answer(session, images[k : k + IMAGES_AT_ONCE]) for k in starts])
    if not np.isfinite(logits).all():
        raise UserError(f"{title}: outputs aren't finite; train it anew at a lower lr")
    return logits
