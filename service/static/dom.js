/** Elements of the page: found by id, made without markup. */

export const $ = (id) => document.getElementById(id);

/** Make an element; children are elements or strings, and strings are always shown as text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
