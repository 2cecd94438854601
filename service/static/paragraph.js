/** One paragraph of an answer: its text with marks, its themes, its exact sums. */
import { make } from "./dom.js";
import { feedbackView } from "./feedback.js";
import { marked, rove } from "./highlight.js";
import { decimal, percent, state, themeClass, themeName, words } from "./state.js";
import { describe } from "./tip.js";

export function paragraphView(paragraph, number, source) {
  // Where a paragraph says yes to something, the words for what it might also be would only distract.
  const spoken = paragraph.themes.length ? paragraph.themes : state.themes.map((theme) => theme.id);
  const shown = new Set(spoken.filter((id) => !state.hidden.has(id)));
  const text = make("p", { class: "text", dir: "auto" }, make("bdi", {}, ...marked(paragraph, source[paragraph.field], shown, describe)));
  rove(text);
  const chips = paragraph.boilerplate
    ? [make("span", { class: "chip furniture" }, words().boilerplate)]
    : paragraph.themes.map((theme) => make("span", { class: `chip ${themeClass(theme)}` }, `${themeName(theme)} ${percent(paragraph.scores[theme])}`));
  const title = paragraph.field === "title" ? [make("span", { class: "chip field" }, words().headlineField)] : [];
  const side = make("div", { class: "chips", lang: state.language }, ...title, ...chips);
  const kind = `paragraph${paragraph.boilerplate ? " boilerplate" : ""}${paragraph.field === "title" ? " headline" : ""}`;
  return make("div", { class: kind }, text, side, ...exact(paragraph, number), ...feedbackView(paragraph, number, source));
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
    ...themes.map((theme) => make("td", {}, decimal(sum(theme, test))))));
  const scores = make("tr", { class: "sum" }, make("th", { scope: "row" }, words().score),
    ...themes.map((theme) => make("td", {}, decimal(paragraph.scores[theme]))));
  const table = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${words().exact} ${number + 1}` },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...body, scores)));
  return [make("details", { lang: state.language }, make("summary", {}, words().exact), table)];
}
