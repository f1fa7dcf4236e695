import { photoBlob, trainingUrl } from './api.js';
import { el } from './dom.js';
import { number, percent, t } from './i18n.js';

const MostColumns = 12;

/** A model's accuracy, its confusion matrix, and its most confident errors. */
export function report(set, { report: { top1, photos, classes, confusion, worst }, skipped = [] }) {
  return el('div', { class: 'report' },
    el('p', {}, el('strong', { class: 'top1' }, percent(top1 / 100)), ' ',
      t('of {photos} photos are right (cross-validation).', { photos: number(photos) })),
    classes.length <= MostColumns ? matrix(classes, confusion) : recalls(classes),
    worst.length > 0 && el('h3', {}, t('Most confident errors')),
    worst.length > 0 && el('ul', { class: 'worst' }, worst.map((photo) => wrong(set, photo))),
    skipped.length > 0 && el('h3', {}, t('Skipped')),
    skipped.length > 0 && el('ul', { class: 'soft', lang: 'en' }, skipped.map((photo) => el('li', {}, `${photo.class}/${photo.photo}: ${photo.why}`))));
}

function matrix(classes, confusion) {
  const most = Math.max(...confusion.flat(), 1);
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('Confusion matrix') },
    el('table', { class: 'matrix' },
      el('caption', {}, t('Each row is a class, each column an answer.')),
      el('thead', {}, el('tr', {}, el('td', {}), classes.map(({ name }) => el('th', { scope: 'col' }, name)),
        el('th', { scope: 'col' }, t('precision')), el('th', { scope: 'col' }, t('recall')))),
      el('tbody', {}, classes.map(({ name, precision, recall }, row) => el('tr', {}, el('th', { scope: 'row' }, name),
        confusion[row].map((count, column) => {
          const cell = el('td', { class: row === column ? 'right' : 'wrong' }, number(count));
          cell.style.setProperty('--share', count / most);
          return cell;
        }),
        el('td', {}, precision == null ? '' : percent(precision / 100)), el('td', {}, percent(recall / 100)))))));
}

const recalls = (classes) => el('ul', { class: 'recalls' }, [...classes].sort((a, b) => a.recall - b.recall)
  .map(({ name, recall }) => el('li', {}, `${name}: ${percent(recall / 100)}`)));

function wrong(set, { class: real, photo, predicted, confidence }) {
  const image = el('img', { alt: '' });
  photoBlob(trainingUrl(set, 'classes', real, 'photos', photo)).then((blob) => {
    image.addEventListener('load', () => URL.revokeObjectURL(image.src), { once: true });
    image.src = URL.createObjectURL(blob);
  }, () => {});
  return el('li', {}, image, el('span', {}, t('{class}, predicted as {predicted} with {share}', { class: real, predicted, share: percent(confidence) })));
}
