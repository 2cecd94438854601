/** The tooltip with the exact weights of a marked word. */
import { $, make } from "./dom.js";
import { decimal, themeClass, themeName } from "./state.js";

export function describe(mark, items) {
  const enter = () => showTip(mark, items);
  for (const name of ["pointerenter", "focus"]) mark.addEventListener(name, enter);
  for (const name of ["pointerleave", "blur"]) mark.addEventListener(name, hideTip);
}

function showTip(mark, items) {
  const tip = $("tip");
  tip.replaceChildren(...items.slice(0, 8).map((item) => make("div", { class: "tip-row" },
    make("span", { class: `dot ${themeClass(item.theme)}` }), make("span", {}, `${themeName(item.theme)} · ${item.term.replace(/^\w+:/, "")}`),
    make("b", {}, `+${decimal(item.weight)}`))));
  tip.hidden = false;
  mark.setAttribute("aria-describedby", "tip");
  const place = mark.getBoundingClientRect();
  const width = tip.offsetWidth;
  tip.style.left = `${Math.max(8, Math.min(place.left, document.documentElement.clientWidth - width - 8)) + scrollX}px`;
  const above = place.top > tip.offsetHeight + 16;
  tip.style.top = `${(above ? place.top - tip.offsetHeight - 8 : place.bottom + 8) + scrollY}px`;
}

export function hideTip() {
  $("tip").hidden = true;
}
