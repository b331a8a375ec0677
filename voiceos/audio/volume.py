"""Makes sound louder or softer without the crackle of clipping."""

from dataclasses import replace

import numpy as np

from voiceos.core import Frame

_KNEE = 0.8
"""Part of full scale above which sound is compressed smoothly instead of clipped."""


def with_volume(frame: Frame, factor: float) -> Frame:
    """The frame `factor` times as loud. 1 leaves it as it is, byte for byte; 0 is silence."""
    if factor == 1:
        return frame
    samples = np.frombuffer(frame.pcm, "<i2").astype(np.float32) * (factor / 32_768)
    if factor > 1:
        loud = np.abs(samples)
        bent = _KNEE + (1 - _KNEE) * np.tanh((loud - _KNEE) / (1 - _KNEE))
        samples = np.where(loud > _KNEE, np.sign(samples) * bent, samples)
    return replace(frame, pcm=to_pcm(samples))


def to_pcm(samples: np.ndarray) -> bytes:
    """Floating-point samples, full scale 1, as s16le. Samples out of range are clipped; NaN becomes 0."""
    finite = np.clip(np.nan_to_num(samples, nan=0.0), -1.0, 1.0)
    return np.clip(np.rint(finite * 32_768), -32_768, 32_767).astype("<i2").tobytes()


def add(one: bytes, other: bytes) -> bytes:
    """Two sounds of the same rate mixed, s16le, as long as the longer one."""
    if len(one) < len(other):
        one, other = other, one
    mixed = np.frombuffer(one, "<i2").astype(np.int32)
    mixed[: len(other) // 2] += np.frombuffer(other, "<i2")
    return np.clip(mixed, -32_768, 32_767).astype("<i2").tobytes()
