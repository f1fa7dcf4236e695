import { photoBlob, request, trainingUrl } from './api.js';
import { $, announce, el } from './dom.js';
import { number, t } from './i18n.js';
import { jpeg, scaled } from './scale.js';
import { settings } from './settings.js';

const Shown = 24;
const AtOnce = 3;

export class ClassCard {
  #urls = new Map();
  #photos = [];
  #waiting = [];
  #stream = null;

  constructor(set, name, actions) {
    Object.assign(this, { set, name, actions, sending: 0 });
    this.title = el('h3', {}, name);
    this.files = el('input', { type: 'file', accept: 'image/*', multiple: true, hidden: true,
      onchange: () => { this.add([...this.files.files]); this.files.value = ''; } });
    this.video = el('video', { playsinline: true, hidden: true });
    this.video.muted = true;
    this.facts = el('p', { class: 'soft', role: 'status' });
    this.row = el('div', { class: 'row' });
    this.thumbs = el('ul', { class: 'thumbs' });
    this.node = el('li', { class: 'class', tabindex: -1,
      ondragover: (event) => this.#drag(event, true), ondragleave: (event) => this.#drag(event, false), ondrop: (event) => this.#drop(event) },
      this.title, this.facts, this.video, this.row, this.files, this.thumbs);
    this.node.dataset.drop = 'class';
  }

  get count() { return this.#photos.length; }

  show(photos) {
    this.#photos = photos;
    const shown = new Set(photos.slice(-Shown));
    for (const item of [...this.thumbs.children]) {
      if (!shown.has(item.dataset.photo)) this.#forget(item);
    }
    for (const photo of shown) {
      if (![...this.thumbs.children].some((item) => item.dataset.photo === photo)) this.thumbs.prepend(this.#thumb(photo));
    }
  }

  render() {
    this.facts.textContent = [
      this.count === 1 ? t('1 photo') : t('{count} photos', { count: number(this.count) }),
      this.sending > 0 && t('{count} on the way', { count: number(this.sending) }),
      this.count < 5 && t('5 are needed, 50 are better'),
    ].filter(Boolean).join(', ');
    const state = `${document.documentElement.lang} ${Boolean(this.#stream)}`;
    if (this.row.dataset.state !== state) {
      const focused = [...this.row.children].indexOf(document.activeElement);
      this.row.replaceChildren(
        this.#button(t('Add photos'), () => this.files.click()),
        this.#button(this.#stream ? t('Take a photo') : t('Camera'), () => (this.#stream ? this.#shoot() : this.#open())),
        this.#stream ? this.#button(t('Close'), () => this.#close()) : this.#button(t('Remove class'), () => this.actions.remove(this)));
      this.row.dataset.state = state;
      if (focused >= 0) this.row.children[focused].focus();
    }
    for (const button of this.thumbs.querySelectorAll('button')) button.ariaLabel = t('Take this photo out of {name}', this);
  }

  add(files) {
    this.#waiting.push(...files);
    this.sending += files.length;
    this.actions.changed();
    for (let i = 0; i < Math.min(AtOnce, files.length); i++) this.#send();
  }

  dispose() {
    this.#close();
    for (const item of [...this.thumbs.children]) this.#forget(item);
  }

  async #send() {
    for (let file; (file = this.#waiting.shift());) {
      try {
        const { blob } = settings.scale ? await scaled(file) : { blob: file };
        const { photo } = await request(trainingUrl(this.set, 'classes', this.name, 'photos'), { method: 'PUT', body: blob });
        if (!this.#photos.includes(photo)) this.show([...this.#photos, photo]);
      } catch (problem) {
        this.actions.failed({ ...problem, detail: `${file.name}: ${problem.detail ?? ''}` });
      }
      this.sending--;
      this.actions.changed();
    }
    if (!this.sending) announce(`${this.name}: ${this.facts.textContent}`);
  }

  #thumb(photo) {
    const image = el('img', { alt: '', loading: 'lazy', decoding: 'async' });
    photoBlob(trainingUrl(this.set, 'classes', this.name, 'photos', photo)).then((blob) => {
      this.#urls.set(photo, URL.createObjectURL(blob));
      image.src = this.#urls.get(photo);
    }, () => {});
    const item = el('li', {}, image, el('button', { type: 'button', class: 'quiet', onclick: () => this.#remove(item) }, '×'));
    item.dataset.photo = photo;
    return item;
  }

  async #remove(item) {
    const { photo } = item.dataset;
    try {
      await request(trainingUrl(this.set, 'classes', this.name, 'photos', photo), { method: 'DELETE' });
    } catch (problem) {
      return this.actions.failed(problem);
    }
    this.show(this.#photos.filter((other) => other !== photo));
    this.node.focus();
    this.actions.changed();
  }

  #forget(item) {
    URL.revokeObjectURL(this.#urls.get(item.dataset.photo));
    this.#urls.delete(item.dataset.photo);
    item.remove();
  }

  #button(text, onclick) {
    return el('button', { type: 'button', onclick }, text);
  }

  #drag(event, over) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.node.classList.toggle('over', over);
  }

  #drop(event) {
    this.#drag(event, false);
    event.stopPropagation();
    $('overlay').hidden = true;
    this.add([...event.dataTransfer.files].filter((file) => file.type.startsWith('image/')));
  }

  async #open() {
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      this.video.srcObject = this.#stream;
      this.video.hidden = false;
      await this.video.play();
    } catch {
      this.#close();
      this.actions.failed({ detail: t('The camera does not start.') });
    }
    this.actions.changed();
  }

  async #shoot() {
    const blob = await jpeg(this.video, 1);
    this.add([new File([blob], 'camera.jpg', { type: blob.type })]);
  }

  #close() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = this.video.srcObject = null;
    this.video.hidden = true;
    this.actions.changed();
  }
}
