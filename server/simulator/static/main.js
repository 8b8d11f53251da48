// One phone: asks the server what is new, and shows the place the owner has gone to.
import { h, put, icon, get, post, local } from "./dom.js";
import { chats, contacts, discover, myself, profile, settings, codes } from "./places.js";
import { talk } from "./talk.js";
import { web } from "./web.js";
import { mini } from "./mini.js";
import { showWire } from "./wire.js";
import { showSide } from "./side.js";
import { toast } from "./sheet.js";

const bench = document.getElementById("bench");
const root = document.getElementById("phone");

export const phone = {
  n: Number(bench.dataset.phone),
  product: bench.dataset.product,
  home: bench.dataset.home,
  root,
  state: null,
  stack: [],
  now: () => Date.now() / 1000 + (phone.state?.offset ?? 0),
  do: (deed, body = {}) => act(`/sim/phones/${phone.n}/${deed}`, body),
  go,
  back,
  home_view,
  refresh,
  redraw: () => draw(true),
};

const PLACES = { chats, contacts, discover, myself, profile, settings, codes, talk, web, mini };
let version = "";
let shown = "";
let current = null;

async function act(path, body) {
  const answer = await post(path, body);
  if (answer.ok === false) toast(phone, answer.message);
  await refresh();
  return answer;
}

async function refresh() {
  let news;
  try {
    news = await get(`/sim/phones/${phone.n}/look?v=${encodeURIComponent(version)}`);
  } catch {
    root.classList.add("lost");
    return;
  }
  root.classList.remove("lost");
  if (news === null) return;
  version = news.version;
  phone.state = news;
  if (!phone.stack.length) begin();
  draw();
  showWire(phone, document.getElementById("wire"));
  showSide(phone, document.getElementById("side"));
}

function begin() {
  const [place, arg] = location.hash.slice(1).split("/");
  if (place === "talk") phone.stack = [["chats"], ["talk", arg || "official"]];
  else if (place in PLACES && place !== "web") phone.stack = [["chats"], ...(place === "chats" ? [] : [[place, arg]])];
  else phone.stack = phone.state.person.follows ? [["chats"], ["talk", "official"]] : [["chats"]];
}

// A place is drawn anew when somebody goes there; while there it may bring itself up to date.
function draw(anew = false) {
  if (!phone.state) return;
  const here = phone.stack.at(-1);
  const name = JSON.stringify(here);
  if (!anew && name === shown && current?.update) {
    current.update();
    return;
  }
  if (!anew && name === shown && current?.still) return;
  const keep = name === shown ? root.querySelector(".screen")?.scrollTop : 0;
  shown = name;
  const veil = root.querySelector(".veil");
  current = PLACES[here[0]](phone, ...here.slice(1));
  root.replaceChildren();
  put(root, [status(current.white), current.bar, current.screen, current.dock, veil]);
  if (keep) current.screen.scrollTop = keep;
  current.ready?.();
  history.replaceState(null, "", here[0] === "web" ? "#" : `#${here.filter((part) => typeof part === "string").join("/")}`);
}

function status(white) {
  return h("div", { class: `status${white ? " white" : ""}`, "aria-hidden": "true" }, h("span", { class: "clock" }, local(phone.now()).clock), icon("signal"), icon("battery"));
}

function go(...place) {
  phone.stack.push(place);
  draw(true);
}

function back() {
  if (phone.stack.length > 1) phone.stack.pop();
  draw(true);
}

function home_view(place) {
  phone.stack = [[place]];
  draw(true);
}

export function bar(phone, title, { left, right, white } = {}) {
  const leading = left ?? h("button", { type: "button", "aria-label": "返回", onclick: () => phone.back() }, icon("back"));
  return h("div", { class: `bar${white ? " white" : ""}` }, h("div", {}, leading), h("h2", {}, title), h("div", {}, right ?? ""));
}

addEventListener("hashchange", () => {
  begin();
  draw(true);
});

setInterval(() => {
  const clock = root.querySelector(".status .clock");
  if (clock && phone.state) clock.textContent = local(phone.now()).clock;
}, 1000);

(async function poll() {
  await refresh();
  setTimeout(poll, document.hidden ? 5000 : 1200);
})();
