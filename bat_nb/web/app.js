// A kept probe in the browser: decode a sound, cut it into windows, ask the model, draw its answers.
import * as ort from './ort/ort.wasm.bundle.min.mjs';

const by = id => document.getElementById(id);
const say = (text, bad = false) => { by('status').textContent = text; by('status').classList.toggle('bad', bad); };

// Samples of the windows: full ones that cover the recording, the last moved back to end where it ends.
export function windowPlaces(n, size) {
  const places = [];
  for (let start = 0; start < n - size; start += size) places.push(start);
  places.push(Math.max(0, n - size));
  return places;
}

export function mixdown(channels) { // [Float32Array] -> Float32Array
  const mono = new Float32Array(channels[0].length);
  for (const c of channels) for (let i = 0; i < c.length; i++) mono[i] += c[i] / channels.length;
  return mono;
}

export const mean = rows => rows[0].map((_, c) => rows.reduce((sum, r) => sum + r[c], 0) / rows.length);

async function decode(bytes, rate) { // the browser decodes and resamples
  const context = new OfflineAudioContext(1, 1, rate);
  const sound = await context.decodeAudioData(bytes);
  return mixdown([...Array(sound.numberOfChannels).keys()].map(c => sound.getChannelData(c)));
}

async function listen(session, about, wave, late) { // answers of windows, until it is too late
  const size = Math.round(about.rate * about.seconds), made = [];
  for (const start of windowPlaces(wave.length, size)) {
    if (late()) break;
    const cut = new Float32Array(size);
    cut.set(wave.subarray(start, start + size));
    const out = await session.run({ wave: new ort.Tensor('float32', cut, [1, size]) });
    made.push({ start: start / about.rate, shares: [...out.probabilities.data], picture: out.picture });
    if (!late()) say(`Window ${made.length} …`);
  }
  return made;
}

function bars(list, items) { // [{what, share}]
  list.replaceChildren(...items.map(({ what, share }) => {
    const row = document.createElement('li');
    const [label, track, fill, number] = ['span', 'span', 'span', 'span'].map(t => document.createElement(t));
    label.className = 'what'; track.className = 'track'; fill.className = 'fill'; number.className = 'number';
    label.textContent = what;
    fill.style.width = `${100 * share}%`;
    number.textContent = `${(100 * share).toFixed(1)}%`;
    track.append(fill);
    row.append(label, track, number);
    return row;
  }));
}

const anchors = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]]; // viridis, five points
function colour(x) {
  const at = Math.min(Math.max(x, 0), .9999) * (anchors.length - 1), i = Math.floor(at);
  return anchors[i].map((a, k) => a + (anchors[i + 1][k] - a) * (at - i));
}

function draw(canvas, picture, frames) { // (1, T, F) of which `frames` are sound, stretched to the range of its values
  const F = picture.dims[2], T = frames, values = picture.data.subarray(0, T * F);
  const low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b));
  canvas.width = T; canvas.height = F;
  const pen = canvas.getContext('2d'), image = pen.createImageData(T, F);
  for (let t = 0; t < T; t++) for (let f = 0; f < F; f++) {
    const at = 4 * ((F - 1 - f) * T + t);
    image.data.set([...colour((values[t * F + f] - low) / (high - low || 1)), 255], at);
  }
  pen.putImageData(image, 0, 0);
}

const ranked = (labels, shares) => labels.map((what, c) => ({ what, share: shares[c] })).sort((a, b) => b.share - a.share);

function show(about, made, name, seconds) {
  const buttons = made.map((m, i) => {
    const b = document.createElement('button');
    b.type = 'button';
    b.textContent = `${m.start.toFixed(1)} s: ${ranked(about.labels, m.shares)[0].what}`;
    b.onclick = () => pick(i);
    return b;
  });
  const pick = i => {
    draw(by('picture'), made[i].picture, about.frames);
    by('from').textContent = made[i].start.toFixed(1);
    by('to').textContent = (made[i].start + about.seconds).toFixed(1);
    buttons.forEach((b, k) => b.classList.toggle('on', k === i));
  };
  by('windows').replaceChildren(...(made.length > 1 ? buttons : []));
  const shares = mean(made.map(m => m.shares));
  by('name').textContent = name;
  bars(by('labels'), ranked(about.labels, shares).slice(0, 8));
  by('result').hidden = false;
  pick(0);
  const short = seconds < about.seconds ? ` It is shorter than ${about.seconds} s: silence follows it.` : '';
  say(`${seconds.toFixed(1)} s, ${made.length} window${made.length > 1 ? 's' : ''}.${short}`);
  document.body.dataset.shares = JSON.stringify(shares);
}

let turn = 0; // counts the sounds that were chosen; only the last one is shown
let heard = Promise.resolve(); // a session answers one question at a time

async function hear(session, about, source, name) { // `source` may still be on its way
  const mine = ++turn, late = () => mine !== turn;
  try {
    const bytes = await source;
    if (late()) return;
    by('player').src = URL.createObjectURL(new Blob([bytes]));
    const wave = await decode(bytes.slice(0), about.rate);
    if (!wave.length) throw new Error('it holds no sound');
    const before = heard;
    let start;
    const answers = before.then(() => { start = performance.now(); return listen(session, about, wave, late); });
    heard = answers.catch(() => {});
    const made = await answers;
    if (late()) return;
    document.body.dataset.milliseconds = ((performance.now() - start) / made.length).toFixed(1);
    show(about, made, name, wave.length / about.rate);
  } catch (e) { if (!late()) say(`${name} cannot be read: ${e.message}`, true); }
}

async function recorder(button, take) { // press to begin, press again to end
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const tape = new MediaRecorder(stream), parts = [];
  tape.ondataavailable = e => parts.push(e.data);
  tape.onstop = async () => {
    stream.getTracks().forEach(t => t.stop());
    button.textContent = 'Record';
    button.classList.remove('on');
    take(new Blob(parts).arrayBuffer(), 'your recording');
  };
  tape.start();
  button.textContent = 'Stop';
  button.classList.add('on');
  return tape;
}

function gates(about) {
  if (!about.gates) return by('gates').parentElement.hidden = true;
  bars(by('gates'), about.gates.map((share, i) => ({ what: `block ${i + 1}`, share })));
  by('gatesaid').textContent = 'The share of each encoder block in what the prototypes are compared with. '
    + 'It was learned once and is the same for every sound.';
}

async function main() {
  const about = await (await fetch('model.json')).json();
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(about.file);
  by('about').textContent = about.says;
  gates(about);
  const take = (source, name) => hear(session, about, source, name);
  const fetched = path => take(fetch(path).then(r => r.arrayBuffer()), path.split('/').pop());
  by('file').onchange = e => e.target.files[0] && take(e.target.files[0].arrayBuffer(), e.target.files[0].name);
  document.body.ondragover = e => e.preventDefault();
  document.body.ondrop = e => {
    e.preventDefault();
    const file = e.dataTransfer.files[0];
    if (file) take(file.arrayBuffer(), file.name);
  };
  let tape = null;
  by('record').onclick = async () => {
    if (tape && tape.state === 'recording') return tape.stop();
    try { tape = await recorder(by('record'), take); } catch (e) { say(`No microphone: ${e.message}`, true); }
  };
  by('examples').replaceChildren(...about.examples.map(path => {
    const b = document.createElement('button');
    b.type = 'button';
    b.textContent = path.split('/').pop();
    b.onclick = () => fetched(path);
    return b;
  }));
  say('Ready.');
  const asked = new URLSearchParams(location.search).get('sound');
  if (about.examples.includes(asked)) await fetched(asked);
  document.body.dataset.ready = 'true';
}

main().catch(e => say(`The model could not be started: ${e.message}`, true));
