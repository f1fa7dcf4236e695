import { el } from './dom.js';
import { number, percent, t } from './i18n.js';

/** The top classes as bars. A model without Chinese labels answers with its own. */
export function bars(predictions) {
  if (!predictions.length) return el('p', { class: 'soft' }, t('No class is probable enough.'));
  const rows = predictions.map(({ category, label, confidence }) => {
    const fill = el('span', { class: 'fill' });
    fill.style.setProperty('--share', confidence);
    return el('li', {},
      el('span', {}, el('span', { class: 'label', lang: /\p{Script=Han}/u.test(label) ? 'zh-Hans' : 'en' }, label), category && el('code', {}, category)),
      el('span', { class: 'share' }, percent(confidence)),
      el('span', { class: 'bar', 'aria-hidden': 'true' }, fill));
  });
  const long = rows.length > 10;
  return el('ol', { class: long ? 'bars long' : 'bars', tabindex: long && 0, 'aria-label': t('Predictions') }, rows);
}

const Stages = { queueMs: 'queue', decodeMs: 'decode', preprocessMs: 'preprocess', inferenceMs: 'inference' };

/** The time of each step: a bar in proportion, and the numbers. */
export function timings(times, roundTrip) {
  const strip = el('div', { class: 'strip', 'aria-hidden': 'true' });
  const list = el('dl', { class: 'times' });
  for (const [field, stage] of Object.entries(Stages)) {
    const part = el('span', { class: stage });
    part.style.flexGrow = times[field];
    strip.append(part);
    list.append(time(t(stage), times[field], stage));
  }
  list.append(time(t('total'), times.totalMs), time(t('round trip'), roundTrip));
  return [strip, list];
}

const time = (name, ms, stage) =>
  el('div', { class: stage }, el('dt', {}, name), el('dd', {}, `${number(ms, ms < 100 ? 1 : 0)} ms`));
