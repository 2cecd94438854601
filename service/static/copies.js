/** The answer on the clipboard, as JSON or CSV. */
import { $, make } from "./dom.js";
import { utf16Offsets } from "./highlight.js";
import { state, words } from "./state.js";

/** One row a paragraph; what a spreadsheet would take for a formula gets a quote in front. */
function csv({ answer, source }) {
  const cell = (value) => {
    const text = typeof value === "string" && /^[\s\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]/.test(value) ? `'${value}` : String(value);
    return `"${text.replaceAll('"', '""')}"`;
  };
  const ids = state.themes.map((theme) => theme.id);
  const head = ["paragraph", "field", "boilerplate", "themes", ...ids, "text"];
  const rows = answer.paragraphs.map((p, i) => {
    const at = utf16Offsets(source[p.field]);
    return [i + 1, p.field, p.boilerplate, p.themes.join(" "), ...ids.map((id) => p.scores[id]), source[p.field].slice(at(p.start), at(p.end))];
  });
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    $("status").textContent = words().copied;
    flash(words().copied);
  } catch {
    $("status").textContent = words().copyFailed;
    flash(words().copyFailed);
  }
}

function flash(text) {
  const note = make("span", { class: "flash", "aria-hidden": "true" }, text);
  $("copies").append(note);
  setTimeout(() => note.remove(), 2500);
}

export function connectCopies() {
  $("copy-json").addEventListener("click", () => copy(JSON.stringify(state.last.answer, null, 2)));
  $("copy-csv").addEventListener("click", () => copy(csv(state.last)));
}
