"""Packing against bytes worked out by hand and sizes worked out by arithmetic."""

import numpy as np
import pytest

from reference_models.bitstream.packing import IndexPacker, payload_bytes, unpack


def packed(indices, index_bits, chunk_frames=None):
    packer = IndexPacker(index_bits)
    step = chunk_frames or indices.shape[1] or 1
    starts = range(0, indices.shape[1], step)
    return b"".join(packer.push(indices[:, i : i + step]) for i in starts) + packer.finish()


def test_hand_packed_bytes():
    # Frame 0 holds 1023 and 0, frame 1 holds 1 and 512, in ten bits each, highest bit first:
    # 1111111111 0000000000 0000000001 1000000000 = FF C0 00 06 00
    indices = np.array([[1023, 1], [0, 512]])
    assert packed(indices, [10, 10]) == bytes.fromhex("ffc0000600")


def test_last_byte_is_filled_with_zeros():
    # 101 110 111 -> 10111011 1|0000000
    assert packed(np.array([[5, 6, 7]]), [3]) == bytes([0b10111011, 0b10000000])


def test_no_bits_are_lost_between_chunks():
    indices = np.random.default_rng(0).integers(0, 1024, (6, 101))
    whole = packed(indices, [10] * 6)
    for chunk_frames in (1, 2, 3, 7, 100):
        assert packed(indices, [10] * 6, chunk_frames) == whole


@pytest.mark.parametrize("bits_per_index", [1, 3, 8, 10, 13, 20])
@pytest.mark.parametrize(("layers", "frames"), [(1, 1), (6, 17), (64, 5)])
def test_round_trip(bits_per_index, layers, frames):
    shape = (layers, frames)
    indices = np.random.default_rng(1).integers(0, 1 << bits_per_index, shape)
    index_bits = [bits_per_index] * layers
    payload = packed(indices, index_bits, chunk_frames=4)
    assert len(payload) == -(-layers * frames * bits_per_index // 8)
    assert np.array_equal(unpack(payload, index_bits)[:, :frames], indices)


def test_a_cut_payload_unpacks_to_its_whole_frames():
    indices = np.random.default_rng(2).integers(0, 1024, (6, 10))
    payload = packed(indices, [10] * 6)  # 60 bits a frame: 4 frames are 30 bytes
    assert np.array_equal(unpack(payload[:30], [10] * 6), indices[:, :4])
    assert np.array_equal(unpack(payload[:29], [10] * 6), indices[:, :3])


@pytest.mark.parametrize(("layers", "expected_bytes"), [(1, 75_000), (6, 450_000)])
def test_ten_minutes_at_1_and_6_kbps(layers, expected_bytes):
    frames = 10 * 60 * 100
    assert payload_bytes(frames, layers * 10) == expected_bytes
    assert len(packed(np.zeros((layers, frames), np.int64), [10] * layers, 1000)) == expected_bytes


@pytest.mark.parametrize("index", [-1, 1024])
def test_an_index_that_does_not_fit_is_refused(index):
    with pytest.raises(ValueError, match="index 1 of a frame takes 10 bits"):
        IndexPacker([11, 10]).push(np.array([[1024], [index]]))


def test_indices_of_several_sizes_stand_side_by_side():
    # Frames of 3, 1 and 6 bits: 101 0 000011, then 001 1 111111 -> 10100000 11001111 1111|0000
    indices = np.array([[5, 1], [0, 1], [3, 63]])
    assert packed(indices, [3, 1, 6]) == bytes([0b10100000, 0b11001111, 0b11110000])


@pytest.mark.parametrize("index_bits", [[62], [1, 62, 7], [3, 3, 5, 1, 20]])
def test_round_trip_of_several_sizes(index_bits):
    rng = np.random.default_rng(3)
    indices = np.stack([rng.integers(0, 1 << bits, 37, np.int64) for bits in index_bits])
    payload = packed(indices, index_bits, chunk_frames=5)
    assert len(payload) == -(-37 * sum(index_bits) // 8)
    assert np.array_equal(unpack(payload, index_bits)[:, :37], indices)
