/** What stands in the place of an answer: nothing yet, work under way, a hint, a failure. */
import { $, make } from "./dom.js";
import { words } from "./state.js";

export function notice(kind, title, text, ...more) {
  return make("div", { class: `notice ${kind}` }, make("h3", {}, title), make("p", {}, text), ...more);
}

export function renderWaiting() {
  return [notice("waiting", words().waitingTitle, words().waiting)];
}

export function renderWorking() {
  $("status").textContent = words().working;
  return [make("div", { class: "skeleton", "aria-hidden": "true" }, ...Array.from({ length: 6 }, () => make("span")))];
}

export function renderNote(last) {
  $("status").textContent = words()[last.text];
  return [notice("note", words().failedTitle, words()[last.text])];
}

export function renderFailed(last) {
  const text = last.status ? words().problems[last.status] ?? words().problems.other : words().network;
  $("status").textContent = text;
  const retry = make("button", { type: "button", onclick: last.again }, words().retry);
  const id = last.id ? [make("p", { class: "id" }, `${words().requestId}: `, make("code", {}, last.id))] : [];
  return [notice("failed", words().failedTitle, text, retry, ...id)];
}
