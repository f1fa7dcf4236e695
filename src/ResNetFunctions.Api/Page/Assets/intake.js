import { $ } from './dom.js';

/** Passes on files that are chosen, dropped or pasted. */
export function listen(add) {
  const files = $('files');
  $('choose').addEventListener('click', () => files.click());
  files.addEventListener('change', () => {
    add([...files.files]);
    files.value = '';
  });

  document.addEventListener('paste', (event) => {
    if ($('classifying').hidden) return;
    const pasted = [...event.clipboardData.files];
    if (pasted.length) event.preventDefault();
    add(pasted);
  });

  // Entering a child leaves its parent, so enters and leaves are counted.
  let depth = 0;
  const show = (now) => { $('overlay').hidden = !(depth = now); };
  const withFiles = (handle) => (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    if (!$('classifying').hidden) handle(event);
  };
  addEventListener('dragenter', withFiles(() => show(depth + 1)));
  addEventListener('dragleave', withFiles(() => show(Math.max(0, depth - 1))));
  addEventListener('dragover', withFiles(() => {}));
  addEventListener('drop', withFiles(async (event) => {
    show(0);
    add(await dropped(event.dataTransfer));
  }));
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  return (await Promise.all(entries.map(walk))).flat();
}

async function walk(entry) {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail)).catch(() => null);
    return file?.type.startsWith('image/') ? [file] : [];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail)).catch(() => []);
    if (!some.length) return found;
    for (const child of some) found.push(...await walk(child));
  }
}
