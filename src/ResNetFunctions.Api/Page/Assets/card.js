import { copy, curl } from './copy.js';
import { announce, el } from './dom.js';
import { number, size, t } from './i18n.js';
import { cropShare } from './models.js';
import { bars, timings } from './predictions.js';

const Titles = {
  'bad-parameter': 'The server did not understand the request',
  'corrupt-image': 'The picture is damaged',
  'empty-body': 'The file is empty',
  'misconfigured': 'The server is not set up',
  'model-unavailable': 'The model cannot be loaded',
  'overloaded': 'The server is busy',
  'too-large': 'The file is too large',
  'too-many-pixels': 'The picture has too many pixels',
  'unauthorized': 'A key is needed',
  'unknown-model': 'The server has no such model',
  'unreachable': 'The server cannot be reached',
  'unsupported-format': 'No picture that the server can read',
};

export const problemTitle = (problem) => t(Titles[problem.code] ?? 'The server did not answer');

export class Card {
  constructor(job, actions) {
    this.job = job;
    this.actions = actions;
    this.crop = el('span', { class: 'crop', 'aria-hidden': 'true' });
    const image = el('img', { src: job.url, alt: '', decoding: 'async', loading: 'lazy' });
    const frame = el('div', { class: 'frame' }, image, this.crop);
    image.addEventListener('load', () => {
      const { naturalWidth: width, naturalHeight: height } = image;
      frame.style.aspectRatio = `${width} / ${height}`;
      frame.classList.toggle('wide', width / height > 4 / 3);
      this.crop.classList.toggle('wide', width > height);
    });
    image.addEventListener('error', () => frame.replaceChildren(el('span', { class: 'broken' })));
    this.body = el('div', { class: 'body' });
    this.node = el('li', { class: 'card', tabindex: -1 }, el('div', { class: 'picture' }, frame), this.body);
    this.render();
  }

  render() {
    const focused = this.body.contains(document.activeElement);
    const { job } = this;
    const share = cropShare(job.answer?.model.name);
    this.crop.hidden = !share;
    this.crop.style.setProperty('--crop', share);
    this.node.dataset.state = job.state;
    this.body.replaceChildren(
      el('div', { class: 'head' },
        el('h3', {}, job.name),
        el('button', { class: 'quiet close', type: 'button', 'aria-label': t('Remove {name}', job),
          onclick: () => this.actions.remove(this) }, '×')),
      ...this[job.state]());
    if (focused) this.node.focus();
  }

  waiting() {
    const { job } = this;
    if (!job.until) return [el('p', { class: 'soft' }, t('Waiting'))];
    const left = el('span', { 'data-until': job.until });
    return [
      el('p', { class: 'problem' }, el('strong', {}, problemTitle(job.problem)), ' ', el('code', {}, job.problem.code)),
      el('p', { class: 'soft' }, t('Next try in'), ' ', left),
      el('div', { class: 'row' }, this.button('Try now', () => this.actions.wake())),
    ];
  }

  working() {
    return [el('p', { class: 'soft' }, t('Classifying')), el('div', { class: 'busy', 'aria-hidden': 'true' })];
  }

  failed() {
    const { problem } = this.job;
    return [
      el('p', { class: 'problem' }, el('strong', {}, problemTitle(problem)), ' ', el('code', {}, problem.code)),
      problem.detail && el('p', { lang: 'en' }, problem.detail),
      problem.correlation && el('p', { class: 'soft' }, t('Reference'), ' ', el('code', {}, problem.correlation)),
      el('div', { class: 'row' },
        problem.code === 'unauthorized' && this.button('Enter the key', () => this.actions.enterKey()),
        this.button('Try again', () => this.actions.retry(this.job))),
    ].filter(Boolean);
  }

  done() {
    const { answer, sent, request, roundTrip, name, unsaved, url } = this.job;
    const { image, model } = answer;
    const facts = [
      model.name,
      `${image.format.toUpperCase()} ${image.width} × ${image.height}, ${size(image.bytes)}`,
      sent.from && t('scaled from {width} × {height}', sent.from),
    ];
    return [
      bars(answer.predictions),
      ...timings(answer.timings, roundTrip),
      el('p', { class: 'facts' },
        facts.filter(Boolean).map((fact) => el('span', {}, fact))),
      el('div', { class: 'row' },
        this.copyButton('Copy as JSON', () => JSON.stringify(answer, null, 2)),
        this.copyButton('Copy as curl', () => curl(name, request)),
        unsaved && el('a', { class: 'button', href: url, download: name }, t('Save picture')),
        this.button('Classify again', () => this.actions.retry(this.job))),
    ];
  }

  button(text, onclick) {
    return el('button', { type: 'button', onclick }, t(text));
  }

  copyButton(text, content) {
    const button = this.button(text, async () => {
      await copy(content());
      button.textContent = t('Copied');
      announce(t('Copied'));
      setTimeout(() => { button.textContent = t(text); }, 1600);
    });
    return button;
  }
}

/** Counts down the seconds of waiting cards. */
setInterval(() => {
  for (const node of document.querySelectorAll('[data-until]')) {
    const seconds = Math.max(0, Math.ceil((node.dataset.until - Date.now()) / 1000));
    node.textContent = t('{seconds} s', { seconds: number(seconds) });
  }
}, 250);
