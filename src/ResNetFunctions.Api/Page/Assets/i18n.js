// The English text is the key; zh.js has the Chinese text.
import { chinese } from './zh.js';
import { remember, remembered } from './settings.js';

const listeners = [];
let chineseNow = (remembered('language') ?? navigator.language).toLowerCase().startsWith('zh');

export const locale = () => (chineseNow ? 'zh-Hans' : 'en');

/** The API's name of the language. */
export const language = () => (chineseNow ? 'zh' : 'en');

export function t(text, values = {}) {
  const sentence = (chineseNow ? chinese[text] : null) ?? text;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export const number = (value, digits = 0) =>
  value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });

export function percent(share) {
  if (share > 0 && share < 0.0005) return '< 0.1%';
  return `${number(share < 1 ? Math.min(share * 100, 99.9) : 100, 1)}%`;
}

export function size(bytes) {
  return bytes < 1e6 ? `${number(bytes / 1e3, bytes < 1e4 ? 1 : 0)} kB` : `${number(bytes / 1e6, 1)} MB`;
}

/** Calls back now and whenever the language changes. */
export function onLanguage(listener) {
  listeners.push(listener);
  listener();
}

export function startLanguage(button) {
  button.addEventListener('click', () => {
    chineseNow = !chineseNow;
    remember('language', locale());
    listeners.forEach((listener) => listener());
  });
  onLanguage(() => {
    document.documentElement.lang = locale();
    button.textContent = chineseNow ? 'English' : '中文';
    button.lang = chineseNow ? 'en' : 'zh-Hans';
    for (const node of document.querySelectorAll('[data-t]')) {
      node.dataset.t ||= node.textContent;
      node.textContent = t(node.dataset.t);
    }
    for (const node of document.querySelectorAll('[data-t-label]'))
      node.setAttribute('aria-label', t(node.dataset.tLabel));
  });
}
