"""TensorFlow Lite's C library on one thread, with files checked first, because it crashes on what it cannot read."""

import ctypes
from pathlib import Path
from typing import Any

from voiceos.errors import EngineError, ModelError

MAGIC = b"TFL3"


def check(path: Path, runtime: Any, library: Path, shape: tuple[int, int]) -> None:
    """Checks that a wake word's model can be loaded and takes features of `shape`: windows (0: any), values.

    `runtime` is the class that knows the C interface and `library` the folder of the shared library, both of the
    package that will use the file. Raises ModelError.
    """
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise ModelError(f"Cannot read the wake word model '{path}': {error.strerror}.") from error
    if head[4:] != MAGIC:
        raise ModelError(f"'{path}' is not a TensorFlow Lite model. Fetch it again, or remove it from `wake.words`.")
    lib: Any = runtime(shared_library(library)).lib
    model = lib.TfLiteModelCreateFromFile(str(path).encode())
    interpreter = lib.TfLiteInterpreterCreate(model, None) if model else None
    try:
        if not interpreter or lib.TfLiteInterpreterAllocateTensors(interpreter) != 0:
            raise ModelError(f"The wake word model '{path}' is damaged. Fetch it again.")
        found = _input_shape(lib, interpreter)
    finally:
        if interpreter:
            lib.TfLiteInterpreterDelete(interpreter)
        if model:
            lib.TfLiteModelDelete(model)
    windows, values = shape
    if len(found) != 3 or found[0] != 1 or found[2] != values or windows not in (0, found[1]):
        raise ModelError(f"'{path}' is the wrong kind of wake word model: its input is {found}.")


class OneThread:
    """A mixin for a class of a wake word package, whose models then run in the calling thread.

    By default each model has a thread for every core, and these spin while they wait for each other: see ADR 9.
    """

    _lib: Any

    @property
    def lib(self) -> Any:
        return self._lib

    @lib.setter
    def lib(self, lib: Any) -> None:
        create, options, limit = (
            lib.TfLiteInterpreterCreate,
            lib.TfLiteInterpreterOptionsCreate,
            lib.TfLiteInterpreterOptionsSetNumThreads,
        )
        create.argtypes, create.restype = (ctypes.c_void_p, ctypes.c_void_p), ctypes.c_void_p
        options.argtypes, options.restype = (), ctypes.c_void_p
        limit.argtypes, limit.restype = (ctypes.c_void_p, ctypes.c_int32), None
        chosen = options()
        limit(chosen, 1)

        def create_interpreter(model: Any, _: Any) -> Any:
            return create(model, chosen)

        lib.TfLiteInterpreterCreate = create_interpreter
        self._lib = lib


def _input_shape(lib: Any, interpreter: Any) -> tuple[int, ...]:
    tensor = lib.TfLiteInterpreterGetInputTensor(interpreter, 0)
    return tuple(lib.TfLiteTensorDim(tensor, axis) for axis in range(lib.TfLiteTensorNumDims(tensor)))


def shared_library(folder: Path) -> Path:
    """The package's shared library. Raises EngineError if it has none for this machine."""
    found = next(iter(folder.glob("*tensorflowlite_c.*")), None)
    if found is None:
        raise EngineError(f"The wake word library has no build for this machine in '{folder}'. Use `wake.mode = open`.")
    return found
