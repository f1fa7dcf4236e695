import { classify } from './api.js';
import { problemTitle } from './card.js';
import { $ } from './dom.js';
import { number, t } from './i18n.js';
import { cropShare, seen } from './models.js';
import { bars } from './predictions.js';
import { jpeg } from './scale.js';

// The network resizes to this; more would only take longer to send.
const LiveShortSide = 256;

const video = $('video');
let shots = 0;
let live = null;

export function startCamera({ add, request }) {
  $('camera-open').addEventListener('click', open);
  $('camera-close').addEventListener('click', () => close());
  $('camera').addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
  $('camera-shot').addEventListener('click', async () => {
    const blob = await jpeg(video, 1);
    add([new File([blob], `camera-${++shots}.jpg`, { type: blob.type })], { unsaved: true });
  });
  $('camera-live').addEventListener('click', () => (live ? stop() : run(request)));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden || !video.srcObject) return;
    close();
    note(t('The camera was turned off when the page was hidden.'));
  });
}

const note = (text) => { $('camera-note').textContent = text; };

async function open() {
  note('');
  try {
    if (!navigator.mediaDevices) throw new DOMException('', 'SecurityError');
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 1280 } },
    });
    await video.play();
  } catch (error) {
    note(t({
      NotAllowedError: 'The browser does not allow the camera.',
      NotFoundError: 'There is no camera.',
      SecurityError: 'Browsers allow the camera on https and localhost only.',
    }[error.name] ?? 'The camera does not start.'));
    return;
  }
  show(true);
  $('camera-shot').focus();
}

function close() {
  stop();
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  show(false);
  $('live').replaceChildren();
  $('camera-open').focus();
}

function show(opened) {
  $('camera').hidden = !opened;
  $('drop').hidden = opened;
  const crop = $('camera').querySelector('.crop');
  crop.hidden = !cropShare();
  crop.style.setProperty('--crop', cropShare());
  crop.classList.toggle('wide', video.videoWidth > video.videoHeight);
}

function stop() {
  live?.abort();
  live = null;
  $('fps').textContent = '';
  $('camera-live').setAttribute('aria-pressed', 'false');
}

/** Takes the next frame when the last one is answered. */
async function run(request) {
  const { signal } = live = new AbortController();
  $('camera-live').setAttribute('aria-pressed', 'true');
  note('');
  const answered = [];
  let shown = -1;
  while (!signal.aborted) {
    while (video.currentTime === shown) await new Promise(requestAnimationFrame);
    shown = video.currentTime;
    try {
      const frame = await jpeg(video, Math.min(1, LiveShortSide / Math.min(video.videoWidth, video.videoHeight)), 0.85);
      const answer = await classify(frame, request(), signal);
      if (signal.aborted) return;
      seen(answer.model);
      note('');
      $('live').replaceChildren(bars(answer.predictions));
      answered.push(performance.now());
      while (answered[0] < performance.now() - 2000) answered.shift();
      const rate = (answered.length - 1) / (answered.at(-1) - answered[0]) * 1000;
      $('fps').textContent = rate ? t('{rate} frames/s', { rate: number(rate, 1) }) : '';
    } catch (problem) {
      if (signal.aborted) return;
      note(`${problemTitle(problem)} (${problem.code}). ${problem.detail ?? ''}`);
      if (problem.retryAfter == null) return stop();
      await new Promise((done) => setTimeout(done, problem.retryAfter * 1000));
    }
  }
}
