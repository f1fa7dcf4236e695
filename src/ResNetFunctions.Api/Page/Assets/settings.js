// Settings are kept, the key only in the tab. If the browser forbids storage, it counts as empty.
const attempt = (action) => { try { return action(); } catch { return null; } };

export const remember = (name, value) => attempt(() => localStorage.setItem(`resnet.${name}`, value));
export const remembered = (name) => attempt(() => localStorage.getItem(`resnet.${name}`));

let key = attempt(() => sessionStorage.getItem('resnet.key')) ?? '';

export const settings = {
  model: remembered('model'),
  top: Number(remembered('top')) || 3,
  scale: remembered('scale') !== 'false',

  get key() { return key; },
  set key(value) {
    key = value;
    attempt(() => sessionStorage.setItem('resnet.key', value));
  },
};
