"""Files of ``.lrac``: header byte by byte, every way to be wrong, cuts, and streaming."""

import dataclasses
import io
import struct
import zlib

import numpy as np
import pytest

from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError
from reference_models.bitstream.header import Fingerprints, Header
from reference_models.bitstream.header_reading import parse_header
from reference_models.bitstream.reader import open_bitstream
from reference_models.bitstream.writer import BitstreamWriter

DESIGN = load_design("track1").design
FINGERPRINTS = Fingerprints("0123456789abcdef", "fedcba9876543210")
HEADER_BYTES = 44


def raw_header(version=1, rate=24000, hop=240, samples=2400, layers=6, bits=10, crc=None):
    """A header by the table in the package's documentation, not by the code."""
    fields = b"LRAC" + struct.pack(">H", version)
    fields += bytes.fromhex("0123456789abcdef") + bytes.fromhex("fedcba9876543210")
    fields += struct.pack(">IIQBB", rate, hop, samples, layers, bits)
    return fields + struct.pack(">I", zlib.crc32(fields) if crc is None else crc)


def any_header(*index_bits, layers=2, count=None):
    """A header of version 2, by the same table."""
    fields = raw_header(version=2, layers=layers)[:39]
    fields += struct.pack(">H", len(index_bits) if count is None else count) + bytes(index_bits)
    return fields + struct.pack(">I", zlib.crc32(fields))


def file_bytes(indices, samples):
    file = io.BytesIO()
    writer = BitstreamWriter(file, Header.of(DESIGN, FINGERPRINTS, len(indices), samples))
    for start in range(0, indices.shape[1], 3):
        writer.push(indices[:, start : start + 3])
    writer.finish()
    return file.getvalue()


def opened(tmp_path, content):
    path = tmp_path / "a file.lrac"
    path.write_bytes(content)
    return open_bitstream(path)


def indices(layers=6, frames=10):
    return np.random.default_rng(0).integers(0, 1024, (layers, frames))


def test_header_stands_as_documented():
    content = file_bytes(indices(), 2400)
    assert content[:HEADER_BYTES] == raw_header()
    assert len(content) == HEADER_BYTES + 75  # 10 frames of 60 bits


def test_header_says_what_it_derives():
    header = parse_header(raw_header(samples=2401), "x")
    assert (header.frames, header.payload_bytes, header.bitrate_kbps) == (11, 83, 6.0)


def test_long_file_comes_back_in_chunks(tmp_path):
    sent = indices(frames=3001)
    bitstream = opened(tmp_path, file_bytes(sent, 3001 * 240 - 1))
    chunks = list(bitstream.chunks([1024] * 6))
    assert max(chunk.shape[1] for chunk in chunks) <= 1024
    assert np.array_equal(np.concatenate(chunks, axis=1), sent)
    assert bitstream.audio_samples == 3001 * 240 - 1
    assert bitstream.warnings == ()


def test_fewer_layers_are_the_first_ones(tmp_path):
    sent = indices()
    chunks = list(opened(tmp_path, file_bytes(sent, 2400)).chunks([1024]))
    assert np.array_equal(np.concatenate(chunks, axis=1), sent[:1])


def test_writer_refuses_a_header_of_another_length():
    with pytest.raises(ValueError, match="10 frames for a header of 11"):
        file_bytes(indices(), 2401)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"RIFF" + bytes(100), "starts with b'RIFF'"),
        (b"LRA", "starts with b'LRA'"),
        (b"LRAC\0", r"5 bytes: the header is cut off; allowed: 44 bytes"),
        (raw_header()[:43], "43 bytes: the header is cut off"),
        (raw_header(version=3), "header.version: given 3; allowed: 1 or 2"),
        (raw_header(crc=0), "the header is damaged"),
        (raw_header(rate=0), "header.sample_rate_hz: given 0"),
        (raw_header(hop=0), "header.hop_samples: given 0"),
        (raw_header(samples=0), "header.audio_samples: given 0"),
        (raw_header(samples=2**64 - 1), "header.audio_samples: given 18446744073709551615"),
        (raw_header(layers=0), "header.layers: given 0; allowed: 1 to 64"),
        (raw_header(layers=255), "header.layers: given 255"),
        (raw_header(bits=0), "header.bits_per_index: given 0; allowed: 1 to 20"),
        (raw_header(bits=64), "header.bits_per_index: given 64"),
        (raw_header(), "payload: given 0 bytes: not one whole frame"),
        (raw_header() + bytes(7), "payload: given 7 bytes"),
        (any_header(3, 5)[:40], "40 bytes: the header is cut off; allowed: 46 bytes"),
        (any_header(3, 5)[:46], "46 bytes: the header is cut off; allowed: 47 bytes"),
        (any_header(), "header.indices: given 0; allowed: 1 to 4096"),
        (any_header(count=4097), "header.indices: given 4097; allowed: 1 to 4096"),
        (any_header(3, 0, 63), "header.bits_per_index: given 0; allowed: 1 to 62"),
        (any_header(10, 10), "header.version: given 2; allowed: 1, which can say the same"),
        (any_header(3, 5), "payload: given 0 bytes: not one whole frame"),
    ],
)
def test_bad_headers_are_refused(tmp_path, content, message):
    with pytest.raises(InputError, match=message) as error:
        opened(tmp_path, content)
    assert str(tmp_path / "a file.lrac") in str(error.value)


def test_all_problems_of_a_header_come_at_once(tmp_path):
    with pytest.raises(InputError) as error:
        opened(tmp_path, raw_header(rate=0, layers=0, bits=0))
    assert len(error.value.problems) == 3


def test_every_flipped_header_bit_is_noticed(tmp_path):
    content = file_bytes(indices(), 2400)
    for bit in range(HEADER_BYTES * 8):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 0x80 >> bit % 8
        with pytest.raises(InputError, match=noticed_in(bit // 8)):
            opened(tmp_path, bytes(flipped))


def noticed_in(byte):
    """Return the message about a changed byte of the header: its first two fields come first."""
    if byte < 4:
        return "given a file that starts with"
    return r"header\.version: given" if byte < 6 else r"header\.crc32: given"


@pytest.mark.parametrize(
    ("design", "fingerprints", "message"),
    [
        (DESIGN, FINGERPRINTS._replace(design="0" * 16), "header.design: .*0123456789abcdef.*0000"),
        (DESIGN, FINGERPRINTS._replace(weights="0" * 16), "header.weights: .*fedcba9876543210"),
        (dataclasses.replace(DESIGN, sample_rate_hz=16000), FINGERPRINTS, "that its design does"),
    ],
)
def test_another_codec_is_refused(tmp_path, design, fingerprints, message):
    bitstream = opened(tmp_path, file_bytes(indices(), 2400))
    bitstream.check_codec(DESIGN, FINGERPRINTS)
    with pytest.raises(InputError, match=message):
        bitstream.check_codec(design, fingerprints)


def test_more_layers_than_the_design_has_are_refused(tmp_path):
    with pytest.raises(InputError, match="layer count"):
        opened(tmp_path, raw_header(layers=7) + bytes(100)).check_codec(DESIGN, FINGERPRINTS)


def test_cut_payload_is_read_up_to_the_last_whole_frame(tmp_path):
    sent = indices()
    bitstream = opened(tmp_path, file_bytes(sent, 2399)[: HEADER_BYTES + 29])
    assert bitstream.frames == 3  # 29 bytes are 232 bits, a frame takes 60
    assert bitstream.audio_samples == 720
    assert np.array_equal(next(bitstream.chunks([1024] * 6)), sent[:, :3])
    assert bitstream.warnings == (
        "the payload is cut off, 46 bytes are missing; decodes up to frame 3 of 10",
    )


def test_bytes_after_the_payload_are_named(tmp_path):
    bitstream = opened(tmp_path, file_bytes(indices(), 2400) + b"more")
    assert bitstream.warnings == ("4 bytes after the end of the payload are ignored",)
    assert sum(chunk.shape[1] for chunk in bitstream.chunks([1024] * 6)) == 10


def test_the_filling_of_the_last_byte_is_no_frame(tmp_path):
    # One frame of one index of three bits: the byte has room for another, which is none.
    content = raw_header(samples=240, layers=1, bits=3) + bytes([0b10100000])
    assert [chunk.tolist() for chunk in opened(tmp_path, content).chunks([8])] == [[[5]]]


def test_an_index_beyond_the_codebook_is_named(tmp_path):
    sent = np.zeros((6, 2000), np.int64)
    sent[4, 1500] = 1000
    bitstream = opened(tmp_path, file_bytes(sent, 2000 * 240))
    with pytest.raises(InputError, match=r"frame 1500, layer 4: given index 1000.*0 to 999"):
        list(bitstream.chunks([1000] * 6))


def test_a_header_of_centuries_takes_no_memory(tmp_path):
    bitstream = opened(tmp_path, raw_header(samples=1 << 48) + bytes(100))
    assert sum(chunk.shape[1] for chunk in bitstream.chunks([1024] * 6)) == 13


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(InputError, match="a folder; allowed: a regular file"):
        open_bitstream(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        open_bitstream(tmp_path / "none.lrac")
