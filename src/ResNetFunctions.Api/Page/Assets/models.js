import { listModels } from './api.js';
import { $, el } from './dom.js';
import { language, number, onLanguage, t } from './i18n.js';
import { remember, settings } from './settings.js';

let models = [];
let failure = null;
let notify;

const find = (name) => models.find((model) => model.name === name);

/** The part of the short side that the network sees; null if unknown. */
export function cropShare(name = settings.model) {
  const { crop, resize, framing } = find(name) ?? {};
  if (framing && framing !== 'crop') return framing === 'fit' ? 1 : null;
  return crop && resize && crop <= resize ? crop / resize : null;
}

/** An answer has the model's weights, which the list has only once the model is loaded. */
export function seen({ name, weights }) {
  const model = find(name);
  if (!model) models.push({ name, weights });
  else if (model.loaded && model.weights === weights) return;
  else Object.assign(model, { weights, loaded: true });
  describe();
}

export const reload = () => load();

export async function startModels(changed, startTraining) {
  notify = changed;
  $('model').addEventListener('change', () => {
    settings.model = $('model').value;
    remember('model', settings.model);
    describe();
    notify();
  });
  onLanguage(describe);
  if ((await load())?.training) {
    $('train-open').hidden = false;
    startTraining();
  }
}

async function load() {
  let list = null;
  try {
    list = await listModels();
    failure = null;
    models = list.models;
    if (!find(settings.model)) settings.model = list.default;
  } catch (problem) {
    failure = problem;
  }
  $('model').disabled = !models.length;
  describe();
  notify();
  return list;
}

function describe() {
  $('model').replaceChildren(...models.map(({ name, available }) =>
    el('option', { value: name }, available === false ? t('{name}, no weights here', { name }) : name)));
  $('model').value = settings.model;
  const model = find(settings.model);
  // The published accuracy is not that of a user's weights.
  const { top1, top5 } = model?.weights === 'user' ? {} : model?.accuracy ?? {};
  const chinese = language() === 'zh' && model?.descriptionZh;
  const text = chinese || model?.description;
  $('model-note').replaceChildren(text ? el('span', { lang: chinese ? 'zh-Hans' : 'en' }, text, t(' ')) : '', [
    top1 && t('ImageNet top-1 {top1}%, top-5 {top5}%.', { top1: number(top1, 1), top5: number(top5, 1) }),
    cropShare() && t('It sees the square in the middle of a picture.'),
    model?.loaded === false && t('It is loaded with the first picture.'),
  ].filter(Boolean).join(t(' ')));
  banner();
}

function banner() {
  $('banner').hidden = !failure;
  $('banner').replaceChildren();
  if (failure) {
    $('banner').append(
      t('The server does not say which models it has.'), ' ', failure.detail, ' ',
      el('button', { type: 'button', onclick: load }, t('Try again')));
  }
}
