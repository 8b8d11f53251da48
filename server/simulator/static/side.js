// Beside the phone: the clock, the road of each consultation, whose phones there are, and what operators do by hand.
import { h, get, post, local, longDate, daysBetween } from "./dom.js";

let road = [];
let asked = 0;
let problem = "";
let moving = false;
let backOpen = false;
let backSaid = "";
let box = { drafts: [], articles: [] };

export function showSide(phone, side) {
  if (Date.now() - asked > 8000) askRoad(phone, side);
  const typing = side.contains(document.activeElement) && ["INPUT", "SELECT"].includes(document.activeElement.tagName);
  if (typing) return;
  const focused = side.contains(document.activeElement) ? document.activeElement.dataset.name : null;
  side.replaceChildren(clock(phone, side), folk(phone), ...(road.length ? [consultations(phone)] : []), backOffice(phone, side));
  if (focused) side.querySelector(`[data-name="${focused}"]`)?.focus();
}

async function askRoad(phone, side) {
  asked = Date.now();
  try {
    road = (await get("/sim/road")).consultations;
  } catch {
    road = [];
  }
  showSide(phone, side);
}

function clock(phone, side) {
  const now = local(phone.now());
  const ahead = Math.round(phone.state.offset / 86400);
  const jump = async (body) => {
    moving = true;
    showSide(phone, side);
    const answer = await post("/sim/clock", body);
    problem = answer.ok ? "" : answer.message;
    moving = false;
    asked = 0;
    await phone.refresh();
    showSide(phone, side);
  };
  const key = (name, words, body, more = "") => h("button", { type: "button", class: `key ${more}`, "data-name": name, disabled: moving || !body, onclick: () => jump(body) }, words);
  const next = road.filter((one) => one.state === "open").sort((a, b) => a.closes_on.localeCompare(b.closes_on))[0];
  const eve = next && shift(next.closes_on, -1);
  return h("section", { class: "panel" }, h("h2", {}, "时间"), h("p", { class: "day" }, now.date), h("p", { class: "quiet" }, `星期${now.weekday} ${now.clock}${ahead ? `，比今天晚${ahead}天` : ""}`),
    h("div", { class: "jump" }, key("j31", moving ? "正在走……" : "31天后", { days: 31 }, "first"), key("j1", "1天后", { days: 1 }), key("jc", "到截止前1天", eve && eve > now.iso ? { until: eve } : null)),
    h("p", { class: "quiet" }, "网站和模拟器一起走，只能往前。"), problem && h("p", { class: "warn", role: "alert" }, problem));
}

function shift(iso, days) {
  return new Date(Date.parse(iso) + days * 86400000).toISOString().slice(0, 10);
}

const STATES = { open: "正在征求", closed: "等答复", released: "已答复", cancelled: "已取消" };

function consultations(phone) {
  const today = local(phone.now()).iso;
  return h("section", { class: "panel" }, h("h2", {}, "征求意见走到哪了"), road.slice(0, 3).map((one) => {
    const released = one.released_at?.slice(0, 10);
    const left = daysBetween(today, one.closes_on);
    const step = (words, day, kind) => h("li", { class: kind }, words, h("span", {}, longDate(day)));
    return h("div", { class: "case" }, h("h3", {}, one.title), h("p", { class: "state" }, one.state === "open" && left >= 0 ? `${STATES.open}，还剩${left}天` : STATES[one.state] ?? one.state),
      h("ol", { class: "road" }, step("征求意见", one.opens_on, one.state === "open" ? "done now" : "done"), step("截止", one.closes_on, one.state === "open" ? "next" : one.state === "closed" ? "done now" : "done"),
        released ? step("发布答复", released, "done now") : null, one.answer_due_on && one.state !== "cancelled" ? step("答复期限", one.answer_due_on, released ? "done next" : "next") : null));
  }));
}

const FEW = 5;

function folk(phone) {
  const { people } = phone.state;
  const near = people.filter((one, index) => index < FEW || one.n === phone.n);
  return h("section", { class: "panel" }, h("h2", {}, "谁的手机"), h("nav", { class: "folk", "aria-label": "谁的手机" }, near.map((one) => h("a", { href: one.page, "data-name": `p${one.n}`, "aria-current": one.n === phone.n ? "true" : null }, h("span", { class: `face face-${one.n % 6}`, "aria-hidden": "true" }, one.face), h("span", {}, h("b", {}, one.name), h("small", {}, `${one.village ? `${one.village}，` : ""}${one.told}`)), one.n === phone.n && h("em", {}, "正在用")))),
    h("a", { class: "key more-folk", "data-name": "add", href: `${phone.home}/` }, people.length > near.length ? `全部${people.length}部手机，加一部` : "全部手机，加一部"));
}

const KINDS = { service: "服务号（已认证）", subscription: "公众号（订阅号，已认证）", government: "政务服务号（已认证）", unverified: "未认证的公众号" };
const FAULTS = [
  ["下一句话的回话丢在路上（会再推一次）", { path: "push", mode: "lost" }],
  ["下一个接口说系统忙（-1）", { path: "*", mode: "error", errcode: -1 }],
  ["下一个接口办完事就断线", { path: "*", mode: "drop_after" }],
  ["下一次发模板消息没有送到", { path: "event:TEMPLATESENDJOBFINISH", mode: "status", status: "failed: system failed" }],
];

function backOffice(phone, side) {
  const say = (words) => { backSaid = words; showSide(phone, side); };
  const choose = h("select", { class: "field", "data-name": "kind", "aria-label": "账号是哪一种" }, Object.entries(KINDS).map(([key, words]) => h("option", { value: key, selected: key === phone.state.kind }, words)));
  choose.addEventListener("change", async () => { const kind = choose.value; choose.blur(); await post("/sim/kind", { kind }); await phone.refresh(); say(`账号换成了${KINDS[kind]}。`); });
  const key = (name, words, deed) => h("button", { type: "button", class: "key", "data-name": name, onclick: deed }, words);
  const panel = h("details", { class: "back-office", open: backOpen }, h("summary", { "data-name": "back" }, "微信后台"),
    h("h3", {}, "账号"), choose,
    h("h3", {}, "服务器地址"), key("verify", "验证公众号的服务器地址", async () => { const answer = await post("/sim/verify", { role: "official" }); await phone.refresh(); say(answer.ok ? "验证通过。" : answer.problem); }),
    h("h3", {}, "草稿箱：手工发布"), box.drafts.length ? box.drafts.map((one) => h("div", { class: "draft" }, h("a", { href: one.articles[0].url, target: "_blank", rel: "noopener" }, one.articles[0].title), h("br"), key(`d${one.media_id}`, "发布", async () => { await post(`/sim/drafts/${encodeURIComponent(one.media_id)}/publish`); await fillBox(); say("发布好了。"); }))) : h("p", { class: "quiet" }, "草稿箱是空的。"),
    box.articles.length > 0 && [h("h3", {}, "已发布"), box.articles.slice(0, 4).map((one) => h("p", { class: "draft" }, h("a", { href: one.articles[0].url, target: "_blank", rel: "noopener" }, one.articles[0].title)))],
    h("h3", {}, "故意出点故障"), h("div", { class: "keys" }, FAULTS.map(([words, body], index) => key(`f${index}`, words, async () => { await post("/sim/errors", body); say("安排好了，只出一次。"); }))),
    h("p", { class: "said-ok", role: "status" }, backSaid));
  panel.addEventListener("toggle", async () => {
    if (panel.open === backOpen) return;
    backOpen = panel.open;
    backSaid = "";
    if (backOpen) { await fillBox(); showSide(phone, side); }
  });
  return h("section", { class: "panel" }, panel);
}

async function fillBox() {
  box = await get("/sim/drafts");
}
