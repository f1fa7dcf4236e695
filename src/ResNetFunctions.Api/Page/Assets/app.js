import { classify } from './api.js';
import { startCamera } from './camera.js';
import { Card, problemTitle } from './card.js';
import { $, announce } from './dom.js';
import { language, onLanguage, percent, startLanguage, t } from './i18n.js';
import { listen } from './intake.js';
import { seen, startModels } from './models.js';
import { Queue } from './queue.js';
import { scaled } from './scale.js';
import { remember, settings } from './settings.js';
import { startTraining } from './training.js';

const cards = new Map();
const queue = new Queue(work, changed);
const actions = { retry, remove, enterKey, wake: () => queue.wake() };
const request = () => ({ model: settings.model, top: settings.top, lang: language() });

startLanguage($('language'));
startOptions();
listen(add);
startCamera({ add, request });
startModels(() => cards.forEach((card) => card.render()), startTraining);
onLanguage(() => {
  cards.forEach((card) => card.render());
  jobs('done').filter((job) => job.request.lang !== language()).forEach(retry); // for the other language's labels
  progress();
});
$('retry-failed').addEventListener('click', () => jobs('failed').forEach(retry));
$('clear').addEventListener('click', () => [...cards.values()].forEach(remove));
$('sample').addEventListener('click', async () => {
  const blob = await (await fetch($('sample').querySelector('img').src)).blob();
  add([new File([blob], 'sample.webp', { type: blob.type })], { unsaved: true });
});

function add(files, { unsaved = false } = {}) {
  const added = files.map((file) => {
    const job = { file, name: file.name, url: URL.createObjectURL(file), unsaved, state: 'waiting' };
    cards.set(job, new Card(job, actions));
    return job;
  });
  $('cards').prepend(...added.map((job) => cards.get(job).node));
  added.forEach((job) => queue.add(job));
  if (added.length && $('results').getBoundingClientRect().top > innerHeight / 2) $('results').scrollIntoView();
}

async function work(job) {
  job.request = request();
  job.sent = settings.scale ? await scaled(job.file) : { blob: job.file };
  const started = performance.now();
  job.answer = await classify(job.sent.blob, job.request, job.abort.signal);
  job.roundTrip = performance.now() - started;
}

function changed(job) {
  if (job.state === 'done') seen(job.answer.model);
  if (job.problem?.code === 'unauthorized') $('key-details').open = true;
  cards.get(job)?.render();
  progress();
  tell(job);
}

function retry(job) {
  queue.add(job);
}

function remove(card) {
  const next = card.node.nextElementSibling ?? card.node.previousElementSibling ?? $('results');
  queue.remove(card.job);
  cards.delete(card.job);
  card.node.remove();
  URL.revokeObjectURL(card.job.url);
  next.focus();
  progress();
}

function enterKey() {
  $('key-details').open = true;
  $('key').focus();
}

function jobs(state) {
  return [...cards.keys()].filter((job) => job.state === state);
}

function progress() {
  const done = jobs('done').length;
  const failed = jobs('failed').length;
  const total = cards.size;
  $('empty').hidden = total > 0;
  $('clear').hidden = total === 0;
  $('retry-failed').hidden = failed === 0;
  $('progress').hidden = total < 2;
  $('progress-bar').max = total;
  $('progress-bar').value = done + failed;
  $('progress-text').textContent = t('{done} of {total} done', { done, total })
    + (failed ? t(', {failed} failed', { failed }) : '');
}

/** Reads one picture's answer to screen readers; for many, only a summary. */
function tell(job) {
  if (job.until && job.state === 'waiting') return announce(problemTitle(job.problem));
  if (jobs('waiting').length + jobs('working').length > 0) return;
  if (cards.size > 1) return announce($('progress-text').textContent);
  const [best] = job.answer?.predictions ?? [];
  announce(job.state === 'failed'
    ? `${job.name}: ${problemTitle(job.problem)}`
    : best ? `${job.name}: ${best.label}, ${percent(best.confidence)}` : `${job.name}: ${t('No class is probable enough.')}`);
}

function startOptions() {
  $('options').addEventListener('submit', (event) => event.preventDefault());
  $('scale').checked = settings.scale;
  $('scale').addEventListener('change', () => {
    settings.scale = $('scale').checked;
    remember('scale', settings.scale);
  });
  $('top').value = settings.top;
  $('top').addEventListener('change', () => {
    const { value, max } = $('top');
    settings.top = $('top').value = Math.min(Math.max(Math.round(value) || 3, 1), max);
    remember('top', settings.top);
  });
  $('key').value = settings.key;
  $('key').addEventListener('change', () => {
    settings.key = $('key').value.trim();
    jobs('failed').filter((job) => job.problem.code === 'unauthorized').forEach(retry);
  });
}
