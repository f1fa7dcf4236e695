import { request, trainingUrl } from './api.js';
import { problemTitle } from './card.js';
import { ClassCard } from './classes.js';
import { $, announce, el } from './dom.js';
import { number, onLanguage, percent, t } from './i18n.js';
import { reload } from './models.js';
import { report } from './report.js';
import { remember, remembered, settings } from './settings.js';

const EveryMs = 700;
const cards = new Map();
let set = remembered('set') ?? '';
let run = null;
let trained = null;
let timer = 0;

/** Training on the page, for `resnet serve` only. */
export function startTraining() {
  $('train-open').addEventListener('click', () => show(true));
  $('train-close').addEventListener('click', () => show(false));
  $('set-form').addEventListener('submit', (event) => {
    event.preventDefault();
    open($('set').value.trim());
  });
  $('class-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const name = $('class-name').value.trim();
    if (!name || !await attempt(() => request(trainingUrl(set, 'classes', name), { method: 'PUT' }))) return;
    $('class-name').value = '';
    await load();
    cards.get(name)?.node.focus();
  });
  $('train').addEventListener('click', train);
  $('train-stop').addEventListener('click', () => attempt(() => request(trainingUrl(set, 'run'), { method: 'DELETE' })));
  $('try').addEventListener('click', async () => {
    settings.model = set;
    await reload();
    show(false);
    $('choose').focus();
  });
  onLanguage(render);
  if (location.hash === '#training') show(true);
}

async function show(training) {
  $('training').hidden = !training;
  $('classifying').hidden = training;
  history.replaceState(null, '', `${location.pathname}${location.search}${training ? '#training' : ''}`);
  clearTimeout(timer);
  if (!training) return $('train-open').focus();
  $('set').value = set;
  await attempt(async () => {
    const { sets } = await request(trainingUrl());
    $('sets').replaceChildren(...sets.map((name) => el('option', { value: name })));
  });
  if (set) await load();
  (set ? $('class-name') : $('set')).focus();
}

async function open(name) {
  cards.forEach((card) => card.dispose());
  cards.clear();
  [set, run, trained] = [name, null, null];
  remember('set', set);
  if (await load()) $('class-name').focus();
}

/** Loads classes, photos and the state of the training from the server. */
async function load() {
  const name = set;
  const state = await attempt(() => request(trainingUrl(name)));
  if (!state || name !== set) return false;
  ({ run, trained } = state);
  for (const [key, card] of cards) {
    if (state.classes.some((other) => other.name === key)) continue;
    card.dispose();
    cards.delete(key);
  }
  for (const { name: key, photos } of state.classes) {
    if (!cards.has(key)) cards.set(key, new ClassCard(set, key, { changed: render, remove: removeClass, failed }));
    cards.get(key).show(photos);
  }
  $('classes').replaceChildren(...[...cards.keys()].sort().map((key) => cards.get(key).node));
  render();
  clearTimeout(timer);
  if (isRunning()) timer = setTimeout(load, EveryMs);
  return true;
}

async function removeClass(card) {
  if (card.count && !confirm(t('Remove {name} and its {count} photos?', { name: card.name, count: number(card.count) }))) return;
  if (await attempt(() => request(trainingUrl(set, 'classes', card.name), { method: 'DELETE' }))) await load();
  $('class-name').focus();
}

async function train() {
  run = await attempt(() => request(trainingUrl(set, 'run'), { method: 'PUT' })) ?? run;
  await load();
  if (isRunning()) $('train-stop').focus();
}

const isRunning = () => run?.state === 'extracting' || run?.state === 'fitting';

/** Shows an error, also to screen readers. */
function failed(problem) {
  $('train-problem').replaceChildren(...problem ? [problem.code ? el('strong', {}, problemTitle(problem), ' ') : '', el('span', { lang: problem.code && 'en' }, problem.detail)] : []);
}

async function attempt(action) {
  failed(null);
  try {
    return await action() ?? true;
  } catch (problem) {
    failed(problem);
    return null;
  }
}

let spoken = '';

function render() {
  const counts = [...cards.values()].map((card) => card.count);
  const busy = [...cards.values()].some((card) => card.sending);
  $('set-open').hidden = !set;
  $('train').disabled = busy || isRunning() || counts.length < 2 || counts.some((count) => count < 5);
  $('train').textContent = trained ? t('Train again') : t('Train');
  $('train-hint').hidden = !$('train').disabled || busy || isRunning();
  $('train-stop').hidden = !isRunning();
  $('train-progress').hidden = !isRunning();
  if (isRunning()) {
    $('train-bar').max = run.total || 1;
    $('train-bar').value = run.done;
    $('train-text').textContent = run.state === 'extracting'
      ? t('Computing features: {done} of {total} photos', { done: number(run.done), total: number(run.total) })
      : t('Learning the classes');
  }
  $('try').hidden = !trained || isRunning();
  cards.forEach((card) => card.render());
  const ended = run?.state === 'failed' ? el('p', { class: 'problem', lang: 'en' }, run.problem)
    : run?.state === 'stopped' ? el('p', { class: 'soft' }, t('The training was stopped.'))
    : run?.report ? report(set, run)
    : trained ? el('p', {}, t('The model is right on {share} of the photos (cross-validation).', { share: percent(trained.top1 / 100) }))
    : '';
  $('train-result').replaceChildren(isRunning() ? '' : ended);
  const now = isRunning() || !run ? '' : run.report ? t('The model is trained.') : $('train-result').textContent;
  if (now && now !== spoken) announce(now);
  spoken = now;
}
