// A codec in a browser: the graphs of `lrac-codec export --to onnx`, one frame after another.
// The page gives onnxruntime-web as `ort`, so that this file does not say where it is served from.

// Return both sides of the codec in the folder at `url`, which ends with a slash.
export async function openCodec(ort, url) {
  const said = await (await fetch(`${url}codec.json`)).json();
  const [transmit, receive] = await Promise.all(
    ["transmit", "receive"].map((side) => openSide(ort, url, side, said[side])),
  );
  return { said, transmit, receive };
}

async function openSide(ort, url, side, said) {
  const files = [`${url}${side}.onnx`, `${url}edges/${side}.onnx`];
  const options = { executionProviders: ["wasm"] };
  const sessions = await Promise.all(
    files.map((file) => ort.InferenceSession.create(file, options)),
  );
  return new Side(ort, sessions, said);
}

// One side, with the state of one stream.
class Side {
  constructor(ort, [midst, edges], said) {
    Object.assign(this, { ort, midst, edges });
    this.start = Number(said["lrac.start_frames"]);
    this.steps = Number(said["lrac.frame_steps"]);
    this.delay = Number(said["lrac.output_delay_steps"]);
    this.reset();
  }

  // Start afresh: all states are zeros.
  reset() {
    this.frame = 0;
    this.states = {};
    for (const { name, type, shape } of this.edges.inputMetadata) {
      if (!name.startsWith("state.")) continue;
      const Values = type === "int64" ? BigInt64Array : Float32Array;
      const values = new Values(shape.reduce((a, b) => a * b, 1));
      this.states[name] = new this.ort.Tensor(type, values, shape);
    }
  }

  // Return the output of the next frame. `remaining` says how many steps of input (samples or
  // frames of codes) there are from its first to the end of the clip; any large number before it.
  async run(values, remaining) {
    const atEdge = this.frame < this.start || remaining < this.steps;
    const session = atEdge ? this.edges : this.midst;
    const { name, type, shape } = session.inputMetadata[0];
    const feeds = { ...this.states, [name]: new this.ort.Tensor(type, values, shape) };
    const numbers = { frame: this.frame, remaining };
    for (const [input, number] of Object.entries(numbers)) {
      if (session.inputNames.includes(input)) feeds[input] = this.whole(number);
    }
    const results = await session.run(feeds);
    for (const state of Object.keys(this.states)) {
      this.states[state] = results[state.replace("state.", "next.")];
    }
    this.frame += 1;
    return results[session.outputNames[0]].data;
  }

  whole(number) {
    return new this.ort.Tensor("int64", BigInt64Array.of(BigInt(number)), []);
  }
}

// Return the codes of each frame of a clip of one channel, as arrays of BigInt.
export async function encode({ transmit }, audio) {
  transmit.reset();
  const hop = transmit.steps;
  const frames = Math.ceil(audio.length / hop) + transmit.delay;
  const codes = [];
  for (let frame = 0; frame < frames; frame++) {
    const piece = new Float32Array(hop);
    piece.set(audio.subarray(frame * hop, (frame + 1) * hop));
    codes.push(await transmit.run(piece, audio.length - frame * hop));
  }
  return codes.slice(transmit.delay);
}

// Return the audio of frames of codes, of `samples` samples.
export async function decode({ receive, transmit }, codes, samples) {
  receive.reset();
  const hop = transmit.steps;
  const frames = codes.length + Math.ceil(receive.delay / hop);
  const audio = new Float32Array(frames * hop);
  for (let frame = 0; frame < frames; frame++) {
    const given = codes[Math.min(frame, codes.length - 1)];
    audio.set(await receive.run(given, codes.length - frame), frame * hop);
  }
  return audio.slice(receive.delay, receive.delay + samples);
}
