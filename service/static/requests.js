/** What the page asks of the service. */
import { $ } from "./dom.js";

function headers() {
  return $("key").value ? { Authorization: `Bearer ${$("key").value}` } : {};
}

export const load = async (path) => json(await fetch(path, { headers: headers() }));

export const post = (path, value, more = {}) =>
  fetch(path, { method: "POST", headers: { "Content-Type": "application/json", ...headers(), ...more }, body: JSON.stringify(value) });

/** Return what a response holds; the error of one that failed carries its status and its id. */
export async function json(response) {
  if (response.ok) return response.json();
  throw Object.assign(new Error(response.url), { status: response.status, id: response.headers.get("X-Request-Id") });
}
