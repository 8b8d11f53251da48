// What went over the wire, in words; the raw text when a line is opened.
import { h, get, local } from "./dom.js";

const WAYS = { in: "收", out: "发", own: "操作" };
const WHY = { in: "产品收到的", out: "产品发出的", own: "模拟器自己的" };
let mine = false;
const FIRST = 16;
let older = null;
let exhausted = false;
const open = new Set();

export function showWire(phone, panel, anew = false) {
  const { wire, wire_total: total } = phone.state;
  const known = new Set(wire.map((one) => one.id));
  const all = [...wire, ...(older ?? []).filter((one) => !known.has(one.id))];
  const chosen = mine ? all.filter((one) => one.phone === phone.n || one.phone === null) : all;
  const entries = older ? chosen : chosen.slice(0, FIRST);
  const head = h("h2", {}, "线上往来", h("small", {}, `最近${entries.length}条，共${total}条`));
  const chip = (words, on, deed) => h("button", { type: "button", class: "chip", "aria-pressed": String(on), onclick: () => { deed(); showWire(phone, panel, true); } }, words);
  const tools = h("div", { class: "tools" }, chip("全部", !mine, () => { mine = false; }), chip("只看这部手机", mine, () => { mine = true; }));
  const list = h("div", { class: "lines" });
  let day = entries.length ? local(entries[0].at).iso : "";
  for (const one of entries) {
    const then = local(one.at);
    if (then.iso !== day) {
      list.append(h("p", { class: "cut" }, `以下是${then.date}`));
      day = then.iso;
    }
    list.append(entry(one, then));
  }
  if (!entries.length) list.append(h("p", { class: "none" }, "还没有往来。在手机上点一点，这里就会写下来。"));
  const more = !exhausted && total > entries.length && h("button", { type: "button", class: "earlier", onclick: async () => {
    if (older === null) {
      older = [];
    } else {
      const got = (await get(`/sim/wire?limit=60&before=${all.at(-1).id}`)).entries;
      older = [...older, ...got];
      exhausted = !got.length;
    }
    showWire(phone, panel);
  } }, "更早的");
  const focused = panel.contains(document.activeElement) ? document.activeElement.closest("details")?.dataset.id : null;
  const scrolled = panel.querySelector(".lines")?.scrollTop ?? 0;
  if (more) list.append(more);
  panel.replaceChildren(head, tools, list);
  list.scrollTop = anew ? 0 : scrolled;
  if (focused) panel.querySelector(`details[data-id="${focused}"] summary`)?.focus();
}

function entry(one, then) {
  const box = h("details", { "data-id": one.id, class: one.good ? "" : "bad", open: open.has(one.id) },
    h("summary", {}, h("time", {}, then.exact), h("span", { class: `way ${one.way}`, title: WHY[one.way] }, WAYS[one.way]), h("span", {}, h("b", {}, one.words), one.tag && h("small", {}, one.tag)), h("span", { class: "end" }, one.outcome)));
  const fill = () => {
    if (box.querySelector(".raw")) return;
    const raw = h("div", { class: "raw" }, one.note && h("p", {}, one.note), one.asked && h("pre", { tabindex: "0" }, one.asked), one.answered && h("pre", { tabindex: "0" }, one.answered));
    if (!raw.childNodes.length) raw.append(h("p", {}, "没有别的可看。"));
    box.append(raw);
  };
  if (open.has(one.id)) fill();
  box.addEventListener("toggle", () => {
    if (box.open) { open.add(one.id); fill(); } else open.delete(one.id);
  });
  return box;
}
