"""Opens an ONNX model with few threads, so that listening leaves the machine free."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from voiceos.errors import ModelError


def open_session(path: Path, inputs: Collection[str], *, threads: int = 1) -> Any:
    """An onnxruntime session. Raises ModelError when the file is missing, damaged or another model."""
    if not path.is_file():
        raise ModelError(f"The model file '{path}' is missing. Run `voiceos models pull --default`.")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4  # errors are raised, so they need not be printed too
    # A thread that spins while it waits takes the core from speech recognition.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no base but this one
        raise ModelError(f"The model file '{path}' is damaged. Run `voiceos models pull --default`.") from error
    if found := set(inputs) - {one.name for one in session.get_inputs()}:
        raise ModelError(f"'{path}' is the wrong model: it has no input {sorted(found)}.")
    return session
