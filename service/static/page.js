"use strict";

const $ = (id) => document.getElementById(id);
const state = { language: "id", themes: [], limits: { max_chars: 50000, max_body_bytes: 2097152 }, last: null, hidden: new Set() };
const words = () => TEXTS[state.language];
const themeIndex = (id) => state.themes.findIndex((theme) => theme.id === id);
const themeName = (id) => state.themes[themeIndex(id)]?.name[state.language] ?? id;
const percent = (score) => `${Math.round(score * 100)}%`;
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** Make an element; children are elements or strings, and strings are always shown as text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function speak(language) {
  state.language = language;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-i18n]")) element.textContent = words()[element.dataset.i18n];
  for (const element of document.querySelectorAll("[data-i18n-label]")) element.ariaLabel = words()[element.dataset.i18nLabel];
  for (const element of document.querySelectorAll("[data-i18n-placeholder]")) element.placeholder = words()[element.dataset.i18nPlaceholder];
  for (const button of document.querySelectorAll("[data-language]")) button.ariaPressed = String(button.dataset.language === language);
  try { localStorage.setItem("language", language); } catch { /* private windows keep nothing */ }
  count();
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

const isPage = (text) => /^\s*<(!doctype|html|head|body|article|div|p|section|main)\b/i.test(text);

async function load(path) {
  const response = await fetch(path, { headers: keyHeader() });
  if (!response.ok) throw new Error(path);
  return response.json();
}

function keyHeader() {
  return $("key").value ? { Authorization: `Bearer ${$("key").value}` } : {};
}

async function prepare() {
  try {
    state.limits = await load("/limits");
    state.ready = await load("/readyz");
    state.themes = (await load("/themes")).themes;
    showSeeds(await load("/seeds"));
  } catch { /* the first answer will say what is wrong */ }
  count();
  nameModel();
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

async function pick(id) {
  try {
    const seed = await load(`/seeds/${id}`);
    $("headline").value = "";
    $("text").value = seed.text;
    count();
    await classify();
  } catch { show({ kind: "failed", status: 0 }); }
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

async function classify() {
  const text = $("text").value;
  const page = isPage(text);
  if (!text.trim() && !$("headline").value.trim()) {
    $("text").focus();
    return show({ kind: "note", text: "needText" });
  }
  if (!page && [...text].length > state.limits.max_chars) return show({ kind: "note", text: "tooLong" });
  const title = $("headline").value.trim() || null;
  show({ kind: "working" });
  try {
    if (!state.themes.length) state.themes = (await load("/themes")).themes;
    const response = await fetch("/classify", {
      method: "POST", headers: { "Content-Type": "application/json", ...keyHeader() },
      body: JSON.stringify({ [page ? "html" : "text"]: text, title, explain: true }),
    });
    if (!response.ok) return fail(response);
    const answer = await response.json();
    return show({ kind: "answer", answer, source: { text: answer.text ?? text, title: title ?? "" } });
  } catch {
    // Without themes nothing can be asked; a missing key is the usual reason.
    return state.themes.length ? show({ kind: "failed", status: 0 }) : probe();
  }
}

async function probe() {
  try { return await fail(await fetch("/themes", { headers: keyHeader() })); } catch { return show({ kind: "failed", status: 0 }); }
}

function fail(response) {
  if (response.status === 401) $("key-row").hidden = false;
  return show({ kind: "failed", status: response.status, id: response.headers.get("X-Request-Id") });
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
  $("submit").disabled = last?.kind === "working";
  $("copies").hidden = last?.kind !== "answer";
  const views = { working: renderWorking, failed: renderFailed, note: renderNote, answer: renderAnswer };
  $("output").replaceChildren(...(last ? views[last.kind](last) : [notice("waiting", words().waitingTitle, words().waiting)]));
}

function notice(kind, title, text, ...more) {
  return make("div", { class: `notice ${kind}` }, make("h3", {}, title), make("p", {}, text), ...more);
}

function renderWorking() {
  $("status").textContent = words().working;
  return [make("div", { class: "skeleton", "aria-hidden": "true" }, ...Array.from({ length: 6 }, () => make("span")))];
}

function renderNote(last) {
  $("status").textContent = words()[last.text];
  return [notice("note", words().failedTitle, words()[last.text])];
}

function renderFailed(last) {
  const text = last.status ? words().problems[last.status] ?? words().problems.other : words().network;
  $("status").textContent = text;
  const retry = make("button", { type: "button", onclick: classify }, words().retry);
  const id = last.id ? [make("p", { class: "id" }, `${words().requestId}: `, make("code", {}, last.id))] : [];
  return [notice("failed", words().failedTitle, text, retry, ...id)];
}

function renderAnswer({ answer, source }) {
  const found = answer.themes.length;
  const title = answer.empty ? words().emptyTitle : found ? words().themesFound(found) : words().noneTitle;
  $("status").textContent = found ? `${title}: ${answer.themes.map(themeName).join(", ")}` : title;
  if (answer.empty && !answer.paragraphs.length) return [notice("empty", title, words().empty)];
  const head = answer.empty
    ? notice("empty", title, words().empty)
    : make("div", { class: "summary" }, make("h3", {}, title), make("p", { class: "quiet" }, words().strongest),
      make("ul", { class: "bars", "aria-label": words().legend }, ...answer.labels.map(bar)));
  const article = make("div", { class: "article" }, ...answer.paragraphs.map((p, i) => paragraphView(p, i, source)));
  article.lang = "id";
  return [head, make("h3", { class: "article-heading" }, words().articleHeading), make("p", { class: "quiet" }, words().tip), article];
}

function bar(label) {
  const index = themeIndex(label.label);
  const cuts = state.themes[index].cuts;
  const [low, high] = [sigmoid(cuts.no_below), sigmoid(cuts.yes_from)];
  const text = `${themeName(label.label)}: ${percent(label.score)}, ${words()[label.decision]}`;
  const track = make("span", { class: "track", role: "img", "aria-label": text });
  const [band, fill] = [make("span", { class: "band" }), make("span", { class: `fill t-${index}` })];
  band.style.left = percent(low);
  band.style.width = percent(high - low);
  fill.style.width = `${Math.max(label.score * 100, 0.6)}%`;
  track.append(fill, band);
  const toggle = make("button", { type: "button", class: `swatch t-${index}`, "aria-pressed": "true",
    title: words().show, onclick: (event) => toggleTheme(label.label, event.currentTarget) }, themeName(label.label));
  return make("li", { class: label.decision }, toggle, track,
    make("span", { class: "number", "aria-hidden": "true" }, percent(label.score)),
    make("span", { class: `decision ${label.decision}`, "aria-hidden": "true" }, words()[label.decision]),
    make("small", {}, `${percent(label.share)} ${words().paragraphs}`));
}

function toggleTheme(theme, button) {
  if (!state.hidden.delete(theme)) state.hidden.add(theme);
  button.ariaPressed = String(!state.hidden.has(theme));
  const { answer, source } = state.last;
  document.querySelector(".article").replaceChildren(...answer.paragraphs.map((p, i) => paragraphView(p, i, source)));
}

function paragraphView(paragraph, number, source) {
  // Where a paragraph says yes to something, the words for what it might also be would only distract.
  const spoken = paragraph.themes.length ? paragraph.themes : state.themes.map((theme) => theme.id);
  const shown = new Set(spoken.filter((id) => !state.hidden.has(id)));
  const text = make("p", { class: "text", dir: "auto" }, make("bdi", {}, ...marked(paragraph, source[paragraph.field], shown, describe)));
  rove(text);
  const chips = paragraph.boilerplate
    ? [make("span", { class: "chip furniture" }, words().boilerplate)]
    : paragraph.themes.map((theme) => make("span", { class: `chip t-${themeIndex(theme)}` }, `${themeName(theme)} ${percent(paragraph.scores[theme])}`));
  const title = paragraph.field === "title" ? [make("span", { class: "chip field" }, words().headlineField)] : [];
  const side = make("div", { class: "chips", lang: state.language }, ...title, ...chips);
  const kind = `paragraph${paragraph.boilerplate ? " boilerplate" : ""}${paragraph.field === "title" ? " headline" : ""}`;
  return make("div", { class: kind }, text, side, ...exact(paragraph, number));
}

/** The addends of each theme's logit, so that anyone can add them up. */
function exact(paragraph, number) {
  const themes = [...new Set((paragraph.evidence || []).map((e) => e.theme))];
  if (!themes.length) return [];
  const sum = (theme, test) => paragraph.evidence.filter((e) => e.theme === theme && test(e)).reduce((s, e) => s + e.weight, 0);
  const rows = [["words", (e) => e.start !== null], ["absent", (e) => e.term === "absent"],
    ["length", (e) => e.term.startsWith("length:")], ["bias", (e) => e.term === "bias"], ["sum", () => true]];
  const head = make("tr", {}, make("td"), ...themes.map((theme) => make("th", { scope: "col" }, themeName(theme))));
  const body = rows.map(([name, test]) => make("tr", { class: name }, make("th", { scope: "row" }, words()[name]),
    ...themes.map((theme) => make("td", {}, sum(theme, test).toFixed(3)))));
  const scores = make("tr", { class: "sum" }, make("th", { scope: "row" }, words().score),
    ...themes.map((theme) => make("td", {}, paragraph.scores[theme].toFixed(3))));
  const table = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${words().exact} ${number + 1}` },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...body, scores)));
  return [make("details", { lang: state.language }, make("summary", {}, words().exact), table)];
}

function describe(mark, items) {
  const enter = () => showTip(mark, items);
  for (const name of ["pointerenter", "focus"]) mark.addEventListener(name, enter);
  for (const name of ["pointerleave", "blur"]) mark.addEventListener(name, hideTip);
}

function showTip(mark, items) {
  const tip = $("tip");
  tip.replaceChildren(...items.slice(0, 8).map((item) => make("div", { class: "tip-row" },
    make("span", { class: `dot t-${themeIndex(item.theme)}` }), make("span", {}, `${themeName(item.theme)} · ${item.term.replace(/^\w+:/, "")}`),
    make("b", {}, `+${item.weight.toFixed(3)}`))));
  tip.hidden = false;
  mark.setAttribute("aria-describedby", "tip");
  const place = mark.getBoundingClientRect();
  const width = tip.offsetWidth;
  tip.style.left = `${Math.max(8, Math.min(place.left, document.documentElement.clientWidth - width - 8)) + scrollX}px`;
  const above = place.top > tip.offsetHeight + 16;
  tip.style.top = `${(above ? place.top - tip.offsetHeight - 8 : place.bottom + 8) + scrollY}px`;
}

function hideTip() {
  $("tip").hidden = true;
}

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

function start() {
  $("form").addEventListener("submit", (event) => { event.preventDefault(); classify(); });
  $("text").addEventListener("input", count);
  $("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) classify(); });
  $("file").addEventListener("change", (event) => { if (event.target.files[0]) read(event.target.files[0]); event.target.value = ""; });
  $("clear").addEventListener("click", () => { $("text").value = $("headline").value = ""; count(); state.last = null; render(); $("text").focus(); });
  $("copy-json").addEventListener("click", () => copy(JSON.stringify(state.last.answer, null, 2)));
  $("copy-csv").addEventListener("click", () => copy(csv(state.last)));
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
