/** The form, and which view the result shows. */
import { renderAnswer } from "./answer.js";
import { connectCopies } from "./copies.js";
import { $, make } from "./dom.js";
import { renderFailed, renderNote, renderWaiting, renderWorking } from "./notices.js";
import { json, load, post } from "./requests.js";
import { state, words } from "./state.js";
import { hideTip } from "./tip.js";

const isPage = (text) => /^\s*<(!doctype|html|head|body|article|div|p|section|main)\b/i.test(text);
const views = { working: renderWorking, failed: renderFailed, note: renderNote, answer: renderAnswer };

function speak(language) {
  state.language = language;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-i18n]")) element.textContent = words()[element.dataset.i18n];
  for (const element of document.querySelectorAll("[data-i18n-label]")) element.ariaLabel = words()[element.dataset.i18nLabel];
  for (const element of document.querySelectorAll("[data-i18n-placeholder]")) element.placeholder = words()[element.dataset.i18nPlaceholder];
  for (const button of document.querySelectorAll("[data-language]")) button.ariaPressed = String(button.dataset.language === language);
  try { localStorage.setItem("language", language); } catch { /* private windows keep nothing */ }
  count();
  nameThemes();
  nameModel();
  render();
}

function count() {
  const length = [...$("text").value].length;
  const most = state.limits.max_chars;
  const format = new Intl.NumberFormat(state.language);
  $("count").textContent = words().count(format.format(length), format.format(most));
  $("count").classList.toggle("over", length > most && !isPage($("text").value));
}

/** Each on its own: themes may need a key, which the first article then asks for. */
async function prepare() {
  await Promise.allSettled([
    load("/limits").then((limits) => { state.limits = limits; }),
    load("/readyz").then((ready) => { state.ready = ready; }),
    load("/seeds").then(showSeeds),
    learnThemes(),
  ]);
  count();
  nameModel();
}

async function learnThemes() {
  Object.assign(state, await load("/themes"));
  nameThemes();
}

/** Other themes than those that the page was written for bring their own title, and say what they are. */
function nameThemes() {
  if (!state.title || state.title.id === words().title) return;
  document.title = state.title[state.language];
  document.querySelector("h1").textContent = document.title;
  document.querySelector("[data-i18n=tagline]").textContent = state.themes.map((theme) => theme.name[state.language]).join(" · ");
}

function nameModel() {
  $("model-line").textContent = state.ready ? words().model(state.ready.model, state.ready.kernel) : "";
}

function showSeeds(seeds) {
  $("seeds").hidden = !seeds.length;
  $("seed-list").replaceChildren(...seeds.map((seed) => make("li", {},
    make("button", { type: "button", onclick: () => pick(seed.id) },
      make("span", { class: "seed-title" }, seed.title), make("small", {}, `${seed.outlet} · ${seed.date}`)))));
}

function pick(id) {
  const fill = (seed) => {
    $("headline").value = "";
    $("text").value = seed.text;
    count();
    classify();
  };
  return attempt(load(`/seeds/${id}`), fill, () => pick(id));
}

async function read(file) {
  const page = /\.html?$/i.test(file.name) || file.type === "text/html";
  if (!page && !/\.txt$/i.test(file.name) && file.type !== "text/plain") return show({ kind: "note", text: "fileKind" });
  if (file.size > state.limits.max_body_bytes) return show({ kind: "note", text: "fileSize" });
  const text = await file.text();
  $("text").value = page && !isPage(text) ? `<html>${text}` : text;
  count();
  return classify();
}

function classify() {
  const text = $("text").value;
  const page = isPage(text);
  if (!text.trim() && !$("headline").value.trim()) {
    $("text").focus();
    return show({ kind: "note", text: "needText" });
  }
  if (!page && [...text].length > state.limits.max_chars) return show({ kind: "note", text: "tooLong" });
  const title = $("headline").value.trim() || null;
  const article = { [page ? "html" : "text"]: text, title, explain: true };
  const tell = (answer) => show({ kind: "answer", answer, source: { text: answer.text ?? text, title: title ?? "" } });
  return attempt(ask(article), tell, classify);
}

async function ask(article) {
  const answer = await json(await post("/classify", article));
  // The first answer, or the first of a model that came in since: names and cuts are those of its themes.
  if (answer.model !== state.model) await learnThemes();
  return answer;
}

/** Show that `work` is under way, then do `next` with its outcome or offer it `again`; not once something newer is shown. */
function attempt(work, next, again) {
  const working = { kind: "working" };
  const ifLast = (step) => (outcome) => { if (state.last === working) step(outcome); };
  show(working);
  return work.then(ifLast(next), ifLast((error) => fail(error, again)));
}

/** An error without a status is no answer: the service was not reached. */
function fail({ status = 0, id }, again) {
  if (status === 401) $("key-row").hidden = false;
  show({ kind: "failed", status, id, again });
}

function show(last) {
  state.last = last;
  state.hidden.clear();
  render();
  if (last.kind === "failed" && last.status === 401) $("key").focus();
  // On a phone the result is below the article.
  else if (last.kind !== "working" && $("result").getBoundingClientRect().top > innerHeight * 0.6) $("result").scrollIntoView();
}

function render() {
  const last = state.last;
  hideTip();
  $("result").ariaBusy = String(last?.kind === "working");
  $("copies").hidden = last?.kind !== "answer";
  $("output").replaceChildren(...(last ? views[last.kind](last) : renderWaiting()));
}

function start() {
  $("form").addEventListener("submit", (event) => { event.preventDefault(); classify(); });
  $("text").addEventListener("input", count);
  $("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) classify(); });
  $("file").addEventListener("change", (event) => { if (event.target.files[0]) read(event.target.files[0]); event.target.value = ""; });
  $("clear").addEventListener("click", () => { $("text").value = $("headline").value = ""; count(); state.last = null; render(); $("text").focus(); });
  connectCopies();
  for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => speak(button.dataset.language));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });
  const drop = $("drop");
  for (const name of ["dragover", "dragenter"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files[0]) read(event.dataTransfer.files[0]);
  });
  let language = "id";
  try { language = localStorage.getItem("language") === "en" ? "en" : "id"; } catch { /* private windows keep nothing */ }
  speak(language);
  prepare();
}

start();
