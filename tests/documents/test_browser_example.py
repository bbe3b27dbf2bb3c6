"""The example page with onnxruntime-web, in a real browser, against the models in Python.

It needs the files of the package of that name, which `npm pack onnxruntime-web` fetches: the
variable ONNXRUNTIME_WEB says in which folder its ``dist`` was unpacked.
"""

import functools
import http.server
import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from lrac_audit.design.formats import load_design
from tests.chromium import chromium
from tests.conftest import ROOT
from tests.reference_models.export.listed_designs import listed_design
from tests.reference_models.nn.filling import filled_codec
from tests.rounding import Reference

pytest.importorskip("onnx")

from reference_models.export.onnx.files import write_graphs

PARTS = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.mjs")
WAIT_S = 60


class Quiet(http.server.SimpleHTTPRequestHandler):
    def guess_type(self, path):
        return "text/javascript" if str(path).endswith(".mjs") else super().guess_type(path)

    def log_message(self, *_):
        pass


DESIGNS = {"track1": load_design("track1").design, "attention and noise": listed_design()}


@pytest.fixture(params=DESIGNS)
def served(request, tmp_path):
    """The page as somebody would serve it, with the graphs of a codec."""
    runtime = os.environ.get("ONNXRUNTIME_WEB")
    if not runtime:
        pytest.skip("ONNXRUNTIME_WEB does not say where onnxruntime-web is")
    site = tmp_path / "site"
    shutil.copytree(ROOT / "docs/examples/browser", site)
    (site / "onnxruntime-web").mkdir()
    for part in PARTS:
        shutil.copy(Path(runtime) / part, site / "onnxruntime-web" / part)
    codec = filled_codec(DESIGNS[request.param], seed=1)
    write_graphs(codec, codec.design.quantizer.layers, site / "codec")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=site)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield codec, f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


def waits_for(browser, condition):
    end = time.monotonic() + WAIT_S
    while not browser.evaluate(condition):
        assert time.monotonic() < end, (condition, browser.complaints())
        time.sleep(0.1)


def test_the_page_codes_a_recording_as_python_does(served, tmp_path):
    codec, address = served
    samples = 24_000 + 77
    audio = (0.2 * np.random.default_rng(0).standard_normal(samples)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", audio, 24_000, subtype="FLOAT")
    with chromium() as browser:
        browser.call("Page.navigate", url=address)
        waits_for(browser, "document.getElementById('result')?.textContent === 'Ready.'")
        document = browser.call("DOM.getDocument")["root"]["nodeId"]
        chosen = browser.call("DOM.querySelector", nodeId=document, selector="#recording")
        files = [str(tmp_path / "a.wav")]
        browser.call("DOM.setFileInputFiles", files=files, nodeId=chosen["nodeId"])
        waits_for(browser, "document.getElementById('result').textContent.includes('frames')")
        heard = np.array(browser.evaluate("[...coded.audio]"), np.float32)
        codes = np.array(browser.evaluate("coded.codes.map(each => [...each].map(Number))"))
        decoded = np.array(browser.evaluate("[...coded.decoded]"), np.float32)
        assert browser.complaints() == []
    np.testing.assert_array_equal(heard, audio)
    reference, given = Reference(codec), torch.tensor(audio)[None, None]
    found = torch.tensor(codes.T[:, None])
    reference.check_codes(found, codec.encode(given), given)
    expected = codec.decode(found)[0, 0, :samples].numpy()
    np.testing.assert_allclose(decoded, expected, rtol=0, atol=1e-5)
