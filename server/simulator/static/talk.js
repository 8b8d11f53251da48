// A conversation: bubbles, cards, the account's menu, the keyboard and what one can send.
import { h, icon, local } from "./dom.js";
import { bar } from "./main.js";
import { choose, toast } from "./sheet.js";

const ROOMS = { official: (state) => state.accounts.official.name, service: () => "服务通知", mini: (state) => state.accounts.mini.name };
const drafts = { mode: "menu", text: "", tray: false };

export function talk(phone, room) {
  const list = h("div", { class: "talk-view" });
  const screen = h("div", { class: "screen", tabindex: "0", "aria-label": "对话" }, list);
  const dock = h("div", { class: "dock" });
  let drawn = "";
  let dockDrawn = "";

  function update() {
    const messages = phone.state.messages.filter((one) => one.room === room);
    const mark = `${messages.length}:${messages.at(-1)?.id ?? 0}:${local(phone.now()).iso}`;
    if (mark !== drawn) {
      const atEnd = drawn === "" || screen.scrollHeight - screen.scrollTop - screen.clientHeight < 120;
      drawn = mark;
      fill(phone, room, list, messages);
      if (atEnd) requestAnimationFrame(() => { screen.scrollTop = screen.scrollHeight; });
      for (const picture of list.querySelectorAll("img")) picture.addEventListener("load", () => { if (atEnd) screen.scrollTop = screen.scrollHeight; }, { once: true });
    }
    if (messages.some((one) => !one.seen)) phone.do("seen", { room });
    const wanted = JSON.stringify([phone.state.menu, phone.state.person.follows, drafts.mode, drafts.tray]);
    if (wanted !== dockDrawn) {
      dockDrawn = wanted;
      dock.replaceChildren(...below(phone, room, () => { dockDrawn = ""; update(); }));
    }
  }
  update();
  const right = room === "official" ? h("button", { type: "button", "aria-label": "公众号资料", onclick: () => phone.go("profile") }, icon("more")) : null;
  const dockless = room === "service" || (room === "official" && !phone.state.person.follows);
  return { bar: bar(phone, ROOMS[room](phone.state), { right }), screen, dock: dockless ? null : dock, update, ready: () => { screen.scrollTop = screen.scrollHeight; } };
}

function fill(phone, room, list, messages) {
  list.replaceChildren();
  let last = 0;
  for (const one of messages) {
    if (one.at - last > 300) list.append(h("time", {}, when(one.at, phone.now())));
    last = one.at;
    list.append(shown(phone, room, one));
  }
  if (!messages.length) list.append(h("p", { class: "system" }, room === "official" && !phone.state.person.follows ? "关注以后才能收到消息。" : "还没有消息。"));
}

export function when(at, now) {
  const then = local(at), today = local(now);
  if (then.iso === today.iso) return then.clock;
  return `${then.year === today.year ? `${then.month}月${then.day}日` : then.date} ${then.clock}`;
}

function shown(phone, room, one) {
  if (one.kind === "notice") return h("p", { class: "system" }, one.text);
  if (one.kind === "template") return room === "service" ? h("div", { class: "wide-card" }, form(phone, one)) : row(phone, one, form(phone, one));
  if (one.kind === "news" && one.mass) return h("div", { class: "wide-card" }, news(phone, one));
  return row(phone, one, inside(phone, one));
}

function row(phone, one, body) {
  const { person, accounts } = phone.state;
  const account = one.room === "mini" ? accounts.mini : accounts.official;
  const face = one.mine
    ? h("span", { class: `face face-${person.n % 6}`, "aria-hidden": "true" }, person.face)
    : h("span", { class: "face face-office", "aria-hidden": "true" }, account.face);
  return h("div", { class: `msg${one.mine ? " mine" : ""}` }, face, body);
}

function inside(phone, one) {
  if (one.kind === "image") return h("img", { class: "shot", src: `/mmbiz/${one.media_id}/0`, alt: one.mine ? "我发的图片" : "图片" });
  if (one.kind === "voice") {
    const seconds = one.seconds ?? 3;
    return h("div", { class: `say voice s${seconds < 5 ? 1 : seconds < 15 ? 2 : 3}` }, icon("wave"), `${seconds}″`);
  }
  if (one.kind === "news") return news(phone, one);
  if (one.kind === "choices") {
    return h("div", { class: "say" }, one.head, one.list.map((each) => h("button", { type: "button", class: "choice", onclick: () => phone.do("say", { text: each.content, choice: each.id }) }, each.content)), one.tail);
  }
  if (one.kind === "mini") {
    return h("button", { type: "button", class: "card", onclick: () => phone.go("mini", one.pagepath) }, h("h3", {}, one.title), h("img", { class: "cover", src: `/mmbiz/${one.media_id}/0`, alt: "" }), h("span", { class: "go" }, "小程序", icon("mini")));
  }
  return h("div", { class: "say" }, one.mine ? one.text : linked(phone, one.text ?? ""));
}

// WeChat shows <a href> in an account's text as a link, and bare addresses too.
const LINK = /<a\s+href=["']?([^"'>\s]+)["']?[^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"，。；）】]+)/gi;
function linked(phone, text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(from, found.index));
    const url = (found[1] ?? found[3]).replaceAll("&amp;", "&");
    const words = found[2] ?? found[3];
    if (url.startsWith("weixin://bizmsgmenu")) {
      const query = new URLSearchParams(url.split("?")[1]);
      parts.push(h("button", { type: "button", class: "link", onclick: () => phone.do("say", { text: query.get("msgmenucontent") ?? words, choice: query.get("msgmenuid") ?? "" }) }, words));
    } else {
      parts.push(h("a", { href: url, onclick: (e) => { e.preventDefault(); open(phone, url, words); } }, words));
    }
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

export async function open(phone, url, title) {
  const answer = await phone.do("open", { url });
  if (answer.ok) phone.go("web", answer.url, title.startsWith("http") ? phone.state.accounts.official.name : title);
}

function cover(phone, one) {
  if (!one.picurl) return h("span", { class: "cover none", "aria-hidden": "true" }, phone.state.accounts.official.face);
  return h("img", { class: "cover", src: `/picture?url=${encodeURIComponent(one.picurl)}`, alt: "" });
}

function news(phone, one) {
  const [first, ...others] = one.articles;
  return h("div", { class: "card" },
    h("button", { type: "button", class: "lead-entry", onclick: () => open(phone, first.url, first.title) }, cover(phone, first), h("h3", {}, first.title), !others.length && first.description && h("p", {}, first.description)),
    others.map((each) => h("button", { type: "button", class: "entry", onclick: () => open(phone, each.url, each.title) }, each.title, each.picurl && h("img", { src: `/picture?url=${encodeURIComponent(each.picurl)}`, alt: "" }))));
}

function form(phone, one) {
  const where = one.url || one.pagepath;
  const follow = () => (one.url ? open(phone, one.url, one.name) : phone.go("mini", one.pagepath));
  return h(where ? "button" : "div", { class: "card form", type: where ? "button" : null, onclick: where ? follow : null },
    one.from && h("span", { class: "from" }, one.from), h("h3", {}, one.name),
    h("dl", {}, one.lines.map((line) => [h("dt", {}, line.label), h("dd", {}, line.text)])),
    where && h("span", { class: "go" }, "查看详情", icon("next")));
}

function below(phone, room, again) {
  const { menu } = phone.state;
  const withMenu = room === "official" && menu.length > 0;
  return [drafts.mode === "menu" && withMenu ? menuRow(phone, menu, again) : writeRow(phone, withMenu, again), drafts.mode !== "menu" && drafts.tray ? tray(phone, again) : ""].filter(Boolean);
}

function menuRow(phone, menu, again) {
  const line = h("div", { class: "menu" });
  line.append(h("button", { type: "button", class: "side-key", "aria-label": "用键盘", onclick: () => { drafts.mode = "write"; again(); } }, icon("keyboard")));
  menu.forEach((top, index) => {
    const has = (top.sub_button ?? []).length > 0;
    const key = h("button", { type: "button", class: has ? "has" : "", "aria-expanded": has ? "false" : null }, top.name);
    key.addEventListener("click", () => {
      const was = line.parentElement.querySelector(".sub");
      const mine = was?.dataset.of === String(index);
      was?.remove();
      for (const other of line.querySelectorAll("[aria-expanded]")) other.setAttribute("aria-expanded", "false");
      if (!has) return press(phone, [index], top);
      if (mine) return;
      key.setAttribute("aria-expanded", "true");
      const list = h("div", { class: `sub at-${index}-${menu.length}`, "data-of": index }, top.sub_button.map((each, below) => h("button", { type: "button", onclick: () => { list.remove(); key.setAttribute("aria-expanded", "false"); press(phone, [index, below], each); } }, each.name)));
      line.parentElement.append(list);
      list.querySelector("button").focus();
    });
    line.append(key);
  });
  return line;
}

async function press(phone, path, button) {
  const answer = await phone.do("menu", { path });
  if (!answer.ok || !answer.url) return;
  if (answer.url.startsWith("mini:")) phone.go("mini", answer.url.slice(5));
  else phone.go("web", answer.url, button.name);
}

function writeRow(phone, withMenu, again) {
  const field = h("textarea", { rows: "1", "aria-label": "说点什么", maxlength: "6000", value: drafts.text });
  const send = h("button", { type: "button", class: "send" }, "发送");
  const plus = h("button", { type: "button", "aria-label": "更多", "aria-expanded": String(drafts.tray), onclick: () => { drafts.tray = !drafts.tray; again(); } }, icon("plus"));
  const fit = () => {
    drafts.text = field.value;
    send.hidden = !field.value;
    plus.hidden = Boolean(field.value);
  };
  const say = () => {
    const text = field.value;
    if (!text.trim()) return toast(phone, "不能发送空白消息");
    field.value = "";
    fit();
    field.focus();
    phone.do("say", { text });
  };
  field.addEventListener("input", fit);
  field.addEventListener("keydown", (e) => { if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); say(); } });
  send.addEventListener("click", say);
  fit();
  return h("div", { class: "write" },
    withMenu && h("button", { type: "button", "aria-label": "看菜单", onclick: () => { drafts.mode = "menu"; drafts.tray = false; again(); } }, icon("menu")),
    h("button", { type: "button", "aria-label": "说一段话", onclick: () => voice(phone) }, icon("mic")), field, send, plus);
}

function voice(phone) {
  choose(phone, [3, 8, 20].map((seconds) => [`说 ${seconds} 秒（没有声音的录音）`, () => phone.do("voice", { seconds })]));
}

function tray(phone, again) {
  const away = () => { drafts.tray = false; again(); };
  const file = h("input", { type: "file", accept: "image/png,image/jpeg" });
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    if (!chosen) return;
    away();
    phone.do("picture", { data: await base64(chosen) });
  });
  return h("div", { class: "tray" },
    phone.state.pictures.map((each) => h("button", { type: "button", onclick: () => { away(); phone.do("picture", { which: each.key }); } }, h("span", { class: "box" }, h("img", { src: `/drawn/${each.key}.png`, alt: "" })), each.name)),
    h("label", {}, h("span", { class: "box" }, icon("folder")), "选一张图片", file),
    h("button", { type: "button", onclick: () => { away(); voice(phone); } }, h("span", { class: "box" }, icon("mic")), "说一段话"),
    h("button", { type: "button", onclick: () => { away(); phone.do("location", { label: phone.state.person.village || "村口" }); } }, h("span", { class: "box" }, icon("pin")), "发位置"));
}

function base64(file) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1]);
    reader.readAsDataURL(file);
  });
}
