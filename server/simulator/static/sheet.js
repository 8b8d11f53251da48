// What lies over a page for a moment: a half sheet with a question, a list of things to do, a short word.
import { h } from "./dom.js";

export function toast(phone, words) {
  phone.root.querySelector(".toast")?.remove();
  const node = h("p", { class: "toast", role: "status" }, words);
  phone.root.append(node);
  setTimeout(() => node.remove(), 2600);
}

export function lift(phone, sheet, { dismiss } = {}) {
  const before = document.activeElement;
  const close = () => {
    veil.remove();
    before?.focus?.();
  };
  const veil = h("div", { class: "veil", onclick: (e) => e.target === veil && dismiss !== false && close(), onkeydown: (e) => e.key === "Escape" && dismiss !== false && close() }, sheet);
  phone.root.querySelector(".veil")?.remove();
  phone.root.append(veil);
  (sheet.querySelector("[autofocus]") ?? sheet.querySelector("button, input"))?.focus();
  return close;
}

export function choose(phone, choices) {
  const sheet = h("div", { class: "half acts", role: "dialog", "aria-modal": "true", "aria-label": "选一项" });
  let close = () => {};
  for (const [words, deed, more] of choices) {
    sheet.append(h("button", { type: "button", class: more ?? "", onclick: () => { close(); deed(); } }, words));
  }
  sheet.append(h("button", { type: "button", class: "last", onclick: () => close() }, "取消"));
  close = lift(phone, sheet);
}

// WeChat's own prompt; resolves to {template: "accept" | "reject"}.
export function askToSubscribe(phone, role, ids) {
  const account = phone.state.accounts[role];
  const templates = ids.map((id) => phone.state.templates.find((one) => one.id === id)).filter(Boolean);
  return new Promise((resolve) => {
    const boxes = templates.map((one) => h("input", { type: "checkbox", checked: true, value: one.id }));
    let close = () => {};
    const answer = async (yes) => {
      close();
      const answers = Object.fromEntries(boxes.map((box) => [box.value, yes && box.checked ? "accept" : "reject"]));
      await phone.do("subscribe", { account: role, answers });
      resolve(answers);
    };
    const sheet = h("div", { class: "half", role: "dialog", "aria-modal": "true", "aria-label": "订阅消息" },
      h("p", { class: "who" }, h("span", { class: "face face-office", "aria-hidden": "true" }, account.face), `${account.name} 申请`),
      h("h3", {}, "给您发送一次以下消息"),
      templates.map((one, index) => h("label", { class: "tick" }, one.name, boxes[index])),
      h("div", { class: "two" }, h("button", { type: "button", onclick: () => answer(false) }, "不用了"), h("button", { type: "button", class: "first", onclick: () => answer(true) }, "允许")),
      h("p", { class: "kept" }, "允许一次，可以收到一条，什么时候收到都算。"));
    close = lift(phone, sheet, { dismiss: false });
  });
}
