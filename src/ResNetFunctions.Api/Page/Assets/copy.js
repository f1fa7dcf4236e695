import { classifyUrl } from './api.js';
import { settings } from './settings.js';

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that asks the same of this server, for a POSIX shell in the picture's folder. */
export function curl(name, request) {
  const key = settings.key ? ` -H ${quoted(`x-functions-key: ${settings.key}`)}` : '';
  return `curl --data-binary ${quoted(`@${name}`)}${key} ${quoted(classifyUrl(request).href)}`;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard on a page that is not secure, such as plain http to another machine.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}
