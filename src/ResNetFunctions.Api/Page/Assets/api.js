import { settings } from './settings.js';

/** An error: the server's problem+json, or one made here. retryAfter is in seconds, or null. */
export class Problem extends Error {
  constructor(code, detail, { status = 0, retryAfter = null, correlation = null } = {}) {
    super(detail);
    Object.assign(this, { code, detail, status, retryAfter, correlation });
  }
}

export function classifyUrl({ model, top, lang }) {
  const url = new URL('classify', document.baseURI);
  url.search = new URLSearchParams({ top, ...(model && { model }), ...(lang === 'zh' && { lang }) });
  return url;
}

export const classify = (picture, request, signal) =>
  send(classifyUrl(request), { method: 'POST', body: picture, signal });

export const listModels = () => send(new URL('models', document.baseURI), {});

/** An address in a training set; parts are encoded. */
export const trainingUrl = (...parts) => new URL(['training', ...parts.map(encodeURIComponent)].join('/'), document.baseURI);

export const request = (url, options = {}) => send(url, options);

/** A photo's bytes: an img element could not send the key. */
export const photoBlob = (url) => send(url, {}, (response) => response.blob());

async function send(url, options, read = (response) => (response.status === 204 ? null : response.json())) {
  const headers = settings.key ? { 'x-functions-key': settings.key } : {};
  let response;
  try {
    response = await fetch(url, { ...options, headers, cache: 'no-store' });
    if (response.ok) return await read(response);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem('unreachable', '');
  }
  throw await problem(response);
}

async function problem(response) {
  // The Functions host answers some errors without a body.
  const body = await response.json().catch(() => null);
  const code = body?.code ?? { 401: 'unauthorized', 413: 'too-large', 429: 'overloaded', 503: 'overloaded' }[response.status];
  return new Problem(code ?? `http-${response.status}`, body?.detail ?? body?.title ?? '', {
    status: response.status,
    retryAfter: retryAfter(response),
    correlation: response.headers.get('x-correlation-id'),
  });
}

function retryAfter(response) {
  const value = response.headers.get('retry-after');
  if (!value) return response.status === 429 ? 2 : null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), 300) : null;
}
