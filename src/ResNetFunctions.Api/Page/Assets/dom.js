export const $ = (id) => document.getElementById(id);

/** An element; attributes that begin with "on" are event listeners, children are text or nodes, never HTML. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

/** Says a sentence to screen readers. */
export function announce(text) {
  $('announcer').textContent = text;
}
