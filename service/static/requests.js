/** What the page asks of the service. */
import { $ } from "./dom.js";

function headers() {
  return $("key").value ? { Authorization: `Bearer ${$("key").value}` } : {};
}

export const get = (path) => fetch(path, { headers: headers() });

export const post = (path, value, more = {}) =>
  fetch(path, { method: "POST", headers: { "Content-Type": "application/json", ...headers(), ...more }, body: JSON.stringify(value) });

export async function load(path) {
  const response = await get(path);
  if (!response.ok) throw new Error(path);
  return response.json();
}
