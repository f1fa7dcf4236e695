import { classifyUrl } from './api.js';
import { settings } from './settings.js';

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The curl command of the same request, for a POSIX shell in the picture's folder. */
export function curl(name, request) {
  const key = settings.key ? ` -H ${quoted(`x-functions-key: ${settings.key}`)}` : '';
  return `curl --data-binary ${quoted(`@${name}`)}${key} ${quoted(classifyUrl(request).href)}`;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages without https have no clipboard, except on this machine.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}
