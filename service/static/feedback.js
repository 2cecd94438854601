/** Benar / salah: what a reader says of the themes of a paragraph, sent for people to review. */
import { $, make } from "./dom.js";
import { utf16Offsets } from "./highlight.js";
import { post } from "./requests.js";
import { state, themeName, words } from "./state.js";

/** What was said of each paragraph, so that it survives a new rendering. */
const said = new WeakMap();

/** Return the question below a paragraph; nothing where the service takes no feedback. */
export function feedbackView(paragraph, number, source) {
  if (!state.limits.feedback || paragraph.boilerplate) return [];
  if (!said.has(paragraph)) said.set(paragraph, { open: false, note: "", verdicts: {}, keys: {} });
  const memory = said.get(paragraph);
  const name = `note-${number}`;
  const note = make("input", { id: name, type: "text", maxlength: state.limits.feedback.max_note_chars, autocomplete: "off",
    oninput: (event) => { memory.note = event.target.value; } });
  note.value = memory.note;
  const outcome = make("p", { class: "quiet", role: "status" });
  const send = (theme, verdict) => give(paragraph, source, theme, verdict, outcome);
  const rows = state.themes.map((theme) => question(paragraph, theme.id, memory, send));
  const view = make("details", { class: "feedback", lang: state.language, ontoggle: (event) => { memory.open = event.target.open; } },
    make("summary", {}, words().feedback), make("p", { class: "quiet" }, words().feedbackHint), ...rows,
    make("label", { for: name }, words().note), note, outcome);
  view.open = memory.open;
  return [view];
}

function question(paragraph, theme, memory, send) {
  const yes = paragraph.themes.includes(theme);
  const says = `${themeName(theme)}: ${yes ? words().yes : words().no}`;
  const buttons = [["right", yes], ["wrong", !yes]].map(([word, carries]) => {
    const verdict = carries ? "yes" : "no";
    return make("button", { type: "button", "aria-label": `${words()[word]}, ${says}`, "aria-pressed": String(memory.verdicts[theme] === verdict),
      onclick: async (event) => {
        if (!await send(theme, verdict)) return;
        for (const button of event.target.parentElement.querySelectorAll("button")) button.ariaPressed = String(button === event.target);
      } }, words()[word]);
  });
  return make("div", { class: "question", role: "group", "aria-label": says }, make("span", {}, says), ...buttons);
}

/** Send a verdict; sent again after a failure it has the same key, so that it is never stored twice. */
async function give(paragraph, source, theme, verdict, outcome) {
  const memory = said.get(paragraph);
  const at = utf16Offsets(source[paragraph.field]);
  const correction = { text: source[paragraph.field].slice(at(paragraph.start), at(paragraph.end)), theme, verdict,
    model: state.last.answer.model, note: memory.note || null, article: `page-${hash(source.text)}` };
  const key = memory.keys[JSON.stringify(correction)] ??= random();
  try {
    const response = await post("/feedback", correction, { "Idempotency-Key": key });
    if (response.status === 401) $("key-row").hidden = false;
    outcome.textContent = response.ok ? words().thanks : words().problems[response.status] ?? words().problems.other;
    if (response.ok) memory.verdicts[theme] = verdict;
    return response.ok;
  } catch {
    outcome.textContent = words().network;
    return false;
  }
}

const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** FNV-1a: one article has one name, whoever pastes it; crypto.subtle is not there without TLS. */
function hash(text) {
  let found = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) found = BigInt.asUintN(64, (found ^ BigInt(byte)) * 0x100000001b3n);
  return found.toString(16).padStart(16, "0");
}
