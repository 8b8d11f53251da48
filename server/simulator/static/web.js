// WeChat's browser: the page in a frame at the phone's own host, with the bar above it.
import { h, icon } from "./dom.js";
import { bar } from "./main.js";
import { choose, toast, askToSubscribe } from "./sheet.js";

export function web(phone, url, title) {
  // The product's pages may not lead the whole window away; articles are our own and carry no scripts.
  const foreign = new URL(url).origin !== location.origin;
  const frame = h("iframe", { src: url, title: title || "网页", sandbox: foreign ? "allow-scripts allow-forms allow-same-origin allow-modals allow-popups allow-downloads" : null });
  const name = title || phone.state.accounts.official.name;
  const heading = h("h2", {}, name);
  let pages = 0;
  let going = false;
  frame.addEventListener("load", () => {
    pages += going ? -1 : 1;
    if (going || pages > 1) heading.textContent = pages > 1 ? phone.state.accounts.official.name : name;
    going = false;
  });
  // A page may say its own title, as WeChat reads it from the page; it does so after it has loaded.
  const listen = (e) => {
    if (e.source !== frame.contentWindow) return;
    if (typeof e.data?.title === "string" && e.data.title.trim()) heading.textContent = e.data.title.trim().slice(0, 60);
    if (Array.isArray(e.data?.subscribe)) askToSubscribe(phone, "official", e.data.subscribe.map(String).slice(0, 3));
  };
  addEventListener("message", listen);
  const leave = () => { removeEventListener("message", listen); phone.back(); };
  const step = () => {
    if (pages > 1) { going = true; history.back(); } else leave();
  };
  const more = () => choose(phone, [
    ["刷新", () => { pages -= 1; frame.src = frame.src; }],
    ["复制链接", async () => { try { await navigator.clipboard.writeText(url); toast(phone, "已复制"); } catch { toast(phone, url); } }],
    ["在浏览器里打开", () => window.open(url, "_blank", "noopener")],
  ]);
  const top = bar(phone, "", {
    left: [h("button", { type: "button", "aria-label": "返回", onclick: step }, icon("back")), h("button", { type: "button", "aria-label": "关闭网页", onclick: leave }, icon("close"))],
    right: h("button", { type: "button", "aria-label": "更多", onclick: more }, icon("more")),
  });
  top.querySelector("h2").replaceWith(heading);
  return { bar: top, screen: h("div", { class: "screen flat" }, frame), dock: null, still: true };
}
