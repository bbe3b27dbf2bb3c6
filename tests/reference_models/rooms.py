"""Impulse responses of rooms, by the image source method of pyroomacoustics."""

from __future__ import annotations

import numpy as np
import pyroomacoustics


def room_response(
    size_m: tuple[float, float, float], absorption: float, rate_hz: int
) -> np.ndarray:
    """From a talker to a listener 1.5 m apart, of peak 0.5."""
    material = pyroomacoustics.Material(absorption)
    room = pyroomacoustics.ShoeBox(size_m, fs=rate_hz, materials=material, max_order=8)
    room.add_source([2, 1.5, 1.6])
    room.add_microphone([3.2, 2.4, 1.4])
    room.compute_rir()
    response = np.asarray(room.rir[0][0])
    return 0.5 * response / np.abs(response).max()
