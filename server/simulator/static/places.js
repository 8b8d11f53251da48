// The other places of WeChat: the list of conversations, contacts, discover, me, the account's page, notices.
import { h, icon } from "./dom.js";
import { bar } from "./main.js";
import { when } from "./talk.js";
import { choose, toast, askToSubscribe } from "./sheet.js";

// Two conversations that are only scenery: they make the list look like somebody's phone.
const SCENERY = [
  { face: "家", name: "一家老小", words: "二妹：周末回来吃饭，带点藕", ago: 5400, colour: 3 },
  { face: "楼", name: "二号楼互助群", words: "谁家的电动车挡道了，挪一下", ago: 90000, colour: 2 },
];

function tabs(phone, here) {
  const unread = phone.state.messages.filter((one) => !one.seen).length;
  const one = (place, name, picture) => h("button", { type: "button", "aria-current": place === here ? "true" : null, onclick: () => phone.home_view(place) }, icon(picture), name, place === "chats" && unread > 0 && h("span", { class: "dot" }, unread > 99 ? "…" : String(unread)));
  return h("nav", { class: "tabs", "aria-label": "微信" }, one("chats", "微信", "talk"), one("contacts", "通讯录", "people"), one("discover", "发现", "compass"), one("myself", "我", "me"));
}

export function gist(one) {
  if (!one) return "";
  if (one.kind === "image") return "［图片］";
  if (one.kind === "voice") return "［语音］";
  if (one.kind === "news") return one.articles[0].title;
  if (one.kind === "template") return one.name;
  if (one.kind === "choices") return one.head;
  if (one.kind === "mini") return `［小程序］${one.title}`;
  return (one.text ?? "").replace(/<[^>]+>/g, "").replace(/\s+/g, " ");
}

export function chats(phone) {
  const { messages, accounts, person } = phone.state;
  const rooms = [];
  const add = (room, name, face, colour) => {
    const mine = messages.filter((one) => one.room === room);
    const last = mine.at(-1);
    if (!last && !(room === "official" && person.follows)) return;
    const unread = mine.filter((one) => !one.seen).length;
    rooms.push({ at: last?.at ?? 0, row: h("button", { type: "button", class: "row talk", onclick: () => phone.go("talk", room) },
      h("span", { class: `face ${colour}`, "aria-hidden": "true" }, face, unread > 0 && h("span", { class: "dot" }, String(unread))),
      h("span", { class: "what" }, h("b", {}, name), h("small", {}, gist(last))), h("span", { class: "tail" }, last ? when(last.at, phone.now()) : "")) });
  };
  add("official", accounts.official.name, accounts.official.face, "face-office");
  add("service", "服务通知", "务", "face-1");
  add("mini", accounts.mini.name, accounts.mini.face, "face-4");
  rooms.sort((a, b) => b.at - a.at);
  const scenery = SCENERY.map((one) => h("button", { type: "button", class: "row talk", onclick: () => toast(phone, "这里只是布景，点上面的公众号。") }, h("span", { class: `face face-${one.colour}`, "aria-hidden": "true" }, one.face), h("span", { class: "what" }, h("b", {}, one.name), h("small", {}, one.words)), h("span", { class: "tail" }, when(phone.now() - one.ago, phone.now()))));
  const screen = h("div", { class: "screen white" }, h("div", { class: "rows" }, rooms.map((one) => one.row), scenery), !person.follows && [h("p", { class: "hint" }, `还没有关注${accounts.official.name}的公众号。`), h("div", { class: "deeds" }, h("button", { type: "button", class: "deed first", onclick: () => phone.go("profile") }, "去看看这个公众号"))]);
  return { bar: bar(phone, "微信（模拟）", { left: "" }), screen, dock: tabs(phone, "chats") };
}

function line(words, picture, deed, tail) {
  return h("button", { type: "button", class: "row", onclick: deed }, picture, h("span", { class: "what" }, h("b", {}, words)), h("span", { class: "tail" }, tail ?? "", icon("next")));
}

export function contacts(phone) {
  const { accounts, person, people } = phone.state;
  const face = h("span", { class: "face face-office", "aria-hidden": "true" }, accounts.official.face);
  return {
    bar: bar(phone, "通讯录", { left: "" }),
    screen: h("div", { class: "screen" },
      h("p", { class: "rows-title" }, "公众号"), h("div", { class: "rows" }, line(accounts.official.name, face, () => phone.go("profile"), person.follows ? "已关注" : "还没关注")),
      h("p", { class: "rows-title" }, "街坊"), h("div", { class: "rows" }, people.filter((one) => one.n !== phone.n).map((one) => h("a", { class: "row", href: one.page }, h("span", { class: `face face-${one.n % 6}`, "aria-hidden": "true" }, one.face), h("span", { class: "what" }, h("b", {}, one.name), h("small", {}, one.village)), h("span", { class: "tail" }, "看这部手机", icon("next"))))),
      people.length < 2 && h("p", { class: "hint" }, "再加一部手机，街坊就在这里。")),
    dock: tabs(phone, "contacts"),
  };
}

export function discover(phone) {
  const { accounts, qr } = phone.state;
  return {
    bar: bar(phone, "发现", { left: "" }),
    screen: h("div", { class: "screen" },
      h("div", { class: "rows rows-gap" }, line("扫一扫", icon("scan"), () => phone.go("codes"), `${qr.length}个二维码`)),
      h("div", { class: "rows rows-gap" }, line(`小程序：${accounts.mini.name}`, icon("mini"), () => phone.go("mini", "")))),
    dock: tabs(phone, "discover"),
  };
}

export function codes(phone) {
  const { qr } = phone.state;
  const scan = async (ticket) => {
    const answer = await phone.do("scan", { ticket });
    if (!answer.ok) return;
    phone.go(...(answer.note === "要先关注" ? ["profile"] : ["talk", "official"]));
  };
  return {
    bar: bar(phone, "扫一扫"),
    screen: h("div", { class: "screen" }, h("p", { class: "hint" }, qr.length ? "手机没有镜头，点一下就算扫到了。" : "公众号还没有做过二维码。在街道的后台做一个，这里就能扫。"),
      h("div", { class: "rows" }, qr.map((one) => line(one.scene, icon("scan"), () => scan(one.ticket), one.expires ? "临时" : "永久")))),
    dock: null,
  };
}

export function myself(phone) {
  const { person } = phone.state;
  return {
    bar: bar(phone, "我", { left: "" }),
    screen: h("div", { class: "screen" },
      h("div", { class: "rows" }, h("div", { class: "row talk" }, h("span", { class: `face face-${person.n % 6}`, "aria-hidden": "true" }, person.face), h("span", { class: "what" }, h("b", {}, person.name), h("small", {}, `${person.village || "住处没写"}，${person.number}`)))),
      h("div", { class: "rows rows-gap" }, line("订阅消息", icon("talk"), () => phone.go("settings"), left(phone))),
      h("div", { class: "rows rows-gap" }, line("收回对小程序的授权", icon("mini"), () => choose(phone, [["收回授权，请对方删掉我的资料", async () => { if ((await phone.do("revoke")).ok) toast(phone, "已收回"); }, "danger"]])))),
    dock: tabs(phone, "myself"),
  };
}

function left(phone) {
  const { subscriptions } = phone.state.person;
  const sum = [...subscriptions.official, ...subscriptions.mini].reduce((all, one) => all + one.left, 0);
  return sum ? `还能收${sum}条` : "";
}

export function settings(phone) {
  const { person, templates, accounts } = phone.state;
  const rows = ["official", "mini"].flatMap((role) => person.subscriptions[role].map((one) => {
    const name = templates.find((each) => each.id === one.template)?.name ?? one.template;
    const off = () => choose(phone, [["不再接收这种消息", () => phone.do("subscribe", { account: role, off: one.template }), "danger"]]);
    return h("button", { type: "button", class: "row", onclick: off }, h("span", { class: "what" }, h("b", {}, name), h("small", {}, accounts[role].name)), h("span", { class: "tail" }, one.standing === "off" ? "已关掉" : one.standing === "always" ? "一直接收" : `还能收${one.left}条`));
  }));
  const ask = (role) => askToSubscribe(phone, role, templates.map((one) => one.id).filter((id) => (role === "mini") === id.startsWith("MINI")).slice(0, 3));
  return {
    bar: bar(phone, "订阅消息"),
    screen: h("div", { class: "screen" }, h("p", { class: "hint" }, rows.length ? "允许一次，能收到一条。点一项可以关掉。" : "还没有允许过任何订阅消息。"), h("div", { class: "rows" }, rows),
      h("div", { class: "deeds" }, h("button", { type: "button", class: "deed", onclick: () => ask("mini") }, "再允许小程序通知我一次"))),
    dock: null,
  };
}

export function profile(phone) {
  const { accounts, person } = phone.state;
  const follow = async () => {
    await phone.do("follow");
    phone.stack = [["chats"], ["talk", "official"]];
    phone.redraw();
  };
  const leave = () => choose(phone, [["不再关注", async () => { await phone.do("unfollow"); phone.home_view("chats"); }, "danger"]]);
  return {
    white: true,
    bar: bar(phone, "公众号", { white: true }),
    screen: h("div", { class: "screen" },
      h("div", { class: "profile" }, h("div", { class: "head" }, h("span", { class: "face face-office", "aria-hidden": "true" }, accounts.official.face), h("div", {}, h("h3", {}, accounts.official.name), h("span", { class: "kind" }, icon("seal"), phone.state.kind_label))), h("p", {}, "征求意见、公布采纳情况、学法问法。（演示：街道、村名和内容都是虚构的。）")),
      h("div", { class: "deeds" }, person.follows
        ? [h("button", { type: "button", class: "deed first", onclick: () => { phone.stack = [["chats"], ["talk", "official"]]; phone.redraw(); } }, "发消息"), h("button", { type: "button", class: "deed danger", onclick: leave }, "不再关注")]
        : h("button", { type: "button", class: "deed first", onclick: follow }, "关注公众号")),
      person.pending_scene && h("p", { class: "rest" }, `扫的是「${person.pending_scene}」的二维码。`)),
    dock: null,
  };
}
