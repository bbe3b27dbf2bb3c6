"""The same files from other compilers and processors, each without a warning."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from reference_models.cli.main import main
from reference_models.nn.weights import save_codec
from tests.reference_models.export.c.running import WARNINGS
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.test_random_designs import EVERYTHING

BOARD = Path(__file__).with_name("cortex_m7")
SEMIHOSTING = "-semihosting-config", "enable=on,target=native"
CORTEX_M7 = ("-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-d16")
SOURCES = ("lrac_codec.c", "lrac_program.c")

pytestmark = pytest.mark.sweep


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with a small codec in C, a WAV file, and what Python makes of it."""
    folder = tmp_path_factory.mktemp("exported")
    save_codec(filled_codec(EVERYTHING, seed=1), folder / "small.safetensors")
    noise = np.random.default_rng(0).standard_normal((245, 2))
    soundfile.write(folder / "in.wav", 0.2 * noise, 24_000)
    weights = ["--weights", str(folder / "small.safetensors")]
    assert main(["export", weights[1], str(folder), "--to", "c"]) == 0
    assert main(["encode", str(folder / "in.wav"), str(folder / "py.lrac"), *weights]) == 0
    assert main(["decode", str(folder / "py.lrac"), str(folder / "py.wav"), *weights]) == 0
    return folder


def needed(*commands):
    """Skip the test where one of ``commands`` is missing."""
    missing = [command for command in commands if shutil.which(command) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")


def compiled(folder, command, *flags):
    arguments = [command, *WARNINGS, *flags, *SOURCES, "-lm", "-o", "other"]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def check(folder, command):
    """Check that ``command``, run with arguments, codes as the Python program does."""
    for arguments in (
        ("encode", "transmit.weights", "in.wav", "other.lrac"),
        ("decode", "receive.weights", "py.lrac", "other.wav"),
    ):
        done = subprocess.run(
            command(arguments), cwd=folder, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "other.lrac").read_bytes() == (folder / "py.lrac").read_bytes()
    heard, wanted = (
        soundfile.read(folder / name, dtype="int16")[0] for name in ("other.wav", "py.wav")
    )
    assert heard.shape == (245, 2)
    assert np.abs(heard.astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("command", ["gcc", "clang"])
@pytest.mark.parametrize(
    "flags",
    [("-O3", "-march=native"), ("-O2",), ("-O2", "-DLRAC_PORTABLE")],
    ids=["vectors of this machine", "any machine", "no vectors"],
)
def test_compilers_of_this_machine(exported, command, flags):
    needed(command)
    compiled(exported, command, *flags)
    check(exported, lambda arguments: ["./other", *arguments])


def test_arm_linux(exported):
    needed("arm-linux-gnueabihf-gcc", "qemu-arm")
    compiled(exported, "arm-linux-gnueabihf-gcc", "-O2", "-static")
    check(exported, lambda arguments: ["qemu-arm", "./other", *arguments])


def test_a_microcontroller_without_an_operating_system(exported):
    """A Cortex-M7: no vectors, single steps of the C library's own functions, no Linux."""
    needed("arm-none-eabi-gcc", "qemu-system-arm")
    board = "--specs=rdimon.specs", "-T", str(BOARD / "memory.ld"), str(BOARD / "startup.c")
    compiled(exported, "arm-none-eabi-gcc", "-O2", *CORTEX_M7, *board)
    machine = ["qemu-system-arm", "-M", "mps2-an500", "-nographic", "-monitor", "none"]

    def command(arguments):
        given = "".join(f",arg={argument}" for argument in ("lrac_program", *arguments))
        option, value = SEMIHOSTING
        return [*machine, "-serial", "none", option, value + given, "-kernel", "other"]

    check(exported, command)
