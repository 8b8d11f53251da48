// A small mini program: it signs in with wx.login and speaks with the product's API through WeChat's own client.
import { h, icon, longDate, local, daysBetween } from "./dom.js";
import { choose, lift, toast, askToSubscribe } from "./sheet.js";

// What a real one would keep in memory and in wx.setStorage: only the token, the page and what is being typed.
const app = { token: null, page: ["list"], cache: {}, draft: {} };

async function request(phone, method, path, body, key) {
  const headers = {};
  if (app.token) headers.Authorization = `Bearer ${app.token}`;
  if (key) headers["Idempotency-Key"] = key;
  const answer = await (await fetch(`/sim/phones/${phone.n}/request`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ method, path, headers, body }) })).json();
  if (!answer.ok) return { status: 0, body: { message: answer.message } };
  return answer;
}

async function signIn(phone) {
  const { code } = await phone.do("login");
  const answer = await request(phone, "POST", "/api/v1/session", { code });
  if (answer.status === 201) app.token = answer.body.token;
  return answer.status === 201;
}

// As a careful mini program does: signed in once, and once more if the token is not good any longer.
async function call(phone, method, path, body, key) {
  if (!app.token && !(await signIn(phone))) return { status: 0, body: { message: "没有登录成功，请稍后再试。" } };
  let answer = await request(phone, method, path, body, key);
  if (answer.status === 401) {
    app.token = null;
    if (await signIn(phone)) answer = await request(phone, method, path, body, key);
  }
  return answer;
}

const newKey = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");

export function mini(phone, path) {
  if (path) app.page = start(path);
  const body = h("div", { class: "mp" });
  const heading = h("h2", {}, phone.state.accounts.mini.name);
  let asked = 0;
  const show = async (...page) => {
    app.page = page;
    const mine = ++asked;
    body.replaceChildren(h("p", { class: "hint" }, "正在取……"));
    screen.scrollTop = 0;
    const drawn = await PAGES[page[0]](phone, show, ...page.slice(1));
    if (mine !== asked) return; // somebody went elsewhere meanwhile
    heading.textContent = drawn.title;
    body.replaceChildren(...drawn.body.filter(Boolean));
  };
  const screen = h("div", { class: "screen" }, body);
  const step = () => (app.page.length > 1 && app.page[0] !== "list" ? show(...(app.page[0] === "write" ? ["one", app.page[1]] : app.page[0] === "comment" ? ["mine"] : ["list"])) : phone.back());
  const more = () => choose(phone, [["重新进入小程序", () => { app.token = null; show("list"); }], ["看我允许过的订阅消息", () => phone.go("settings")]]);
  const top = h("div", { class: "bar white" },
    h("div", {}, h("button", { type: "button", "aria-label": "返回", onclick: step }, icon("back"))), heading,
    h("div", {}, h("span", { class: "capsule" }, h("button", { type: "button", "aria-label": "更多", onclick: more }, icon("more")), h("button", { type: "button", "aria-label": "关闭小程序", onclick: () => phone.back() }, icon("target")))));
  return { white: true, bar: top, screen, dock: null, still: true, ready: () => show(...app.page) };
}

// Where a message's page leads: pages/consultation?id=…, pages/mine, pages/comment?id=…
function start(path) {
  const [page, query] = path.split("?");
  const id = new URLSearchParams(query ?? "").get("id");
  if (/comment|answer|receipt/.test(page) && id) return ["comment", id];
  if (/consultation/.test(page) && id) return ["one", id];
  if (/mine|comment/.test(page)) return ["mine"];
  return ["list"];
}

function failed(phone, show, answer) {
  return { title: phone.state.accounts.mini.name, body: [h("p", { class: "wrong", role: "alert" }, answer.body?.message ?? "没有取到，请稍后再试。"), h("button", { type: "button", class: "mp-go soft", onclick: () => show(...app.page) }, "再试一次")] };
}

function tabs(show, here) {
  const one = (name, words) => h("button", { type: "button", "aria-current": name === here ? "true" : null, onclick: () => show(name) }, words);
  return h("div", { class: "switch" }, one("list", "征求意见"), one("mine", "我的意见"));
}

const STATES = { open: "正在征求", closed: "已截止，等答复", released: "已答复", cancelled: "已取消" };
const PAGES = { list, one, write, done, mine, comment };

async function list(phone, show) {
  const answer = await call(phone, "GET", "/api/v1/consultations?limit=20");
  if (answer.status !== 200) return failed(phone, show, answer);
  const slips = answer.body.items.map((each) => h("button", { type: "button", class: "slip", onclick: () => show("one", each.id) }, h("h3", {}, each.title), each.summary && h("p", {}, each.summary),
    h("span", { class: `due${each.state === "open" ? "" : " over"}` }, each.state === "open" ? `${longDate(each.closes_on)}截止（还剩${each.days_left}天）` : STATES[each.state])));
  return { title: phone.state.accounts.mini.name, body: [tabs(show, "list"), ...(slips.length ? slips : [h("p", { class: "hint" }, "现在没有征求意见。")])] };
}

async function one(phone, show, id) {
  const answer = await call(phone, "GET", `/api/v1/consultations/${encodeURIComponent(id)}`);
  if (answer.status !== 200) return failed(phone, show, answer);
  const it = answer.body;
  app.cache[id] = it;
  const open = it.state === "open";
  const clause = (each) => {
    if (!each.speakable) return h("p", { class: "chapter" }, each.text.trim());
    return h("div", { class: "clause" }, h("p", {}, each.text.trim()), open && h("button", { type: "button", onclick: () => show("write", id, each.id) }, "对这一条说一句"));
  };
  return { title: "征求意见", body: [
    h("div", { class: "lead" }, h("h3", {}, it.title), h("p", {}, [it.number, open ? `${longDate(it.closes_on)}截止（还剩${it.days_left}天）` : STATES[it.state]].filter(Boolean).join("，")), it.whom && h("p", {}, `涉及：${it.whom}`), it.answer_due_on && h("p", {}, `不晚于${longDate(it.answer_due_on)}答复`)),
    open && h("button", { type: "button", class: "mp-go", onclick: () => show("write", id, "") }, "对整个草案提意见"),
    it.explanation?.content && h("div", { class: "clause plain" }, h("b", {}, "要定什么"), h("p", {}, it.explanation.content)),
    ...it.clauses.map(clause),
  ] };
}

async function write(phone, show, id, clauseId) {
  if (!app.cache[id]) await one(phone, show, id);
  const it = app.cache[id];
  const clause = it?.clauses.find((each) => each.id === clauseId);
  const who = await call(phone, "GET", "/api/v1/me");
  const consented = who.body?.consented;
  const spot = `${id}/${clauseId}`;
  app.draft[spot] ??= { text: "", show: false, key: newKey() };
  const draft = app.draft[spot];
  const field = h("textarea", { maxlength: "2000", placeholder: "怎么想就怎么写，写长写短都行。", "aria-label": "您的意见", value: draft.text });
  field.addEventListener("input", () => { draft.text = field.value; draft.key = newKey(); });
  const shown = h("input", { type: "checkbox", checked: draft.show });
  shown.addEventListener("change", () => { draft.show = shown.checked; draft.key = newKey(); });
  const agree = h("input", { type: "checkbox" });
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const send = h("button", { type: "button", class: "mp-go" }, "提交意见");
  const complain = (words) => { wrong.textContent = words; wrong.hidden = false; send.disabled = false; };
  send.addEventListener("click", async () => {
    if (!field.value.trim()) return complain("还没有写字。");
    if (!consented && !agree.checked) return complain("请先看一看隐私说明，同意后再提交。写的字还在。");
    send.disabled = true;
    if (!consented) {
      const notice = await call(phone, "GET", "/api/v1/me/privacy");
      if (notice.status === 200) await call(phone, "PUT", "/api/v1/me/consent", { version: notice.body.version });
    }
    const answer = await call(phone, "POST", "/api/v1/comments", { consultation: id, clause: clauseId || null, text: field.value, show_text: draft.show }, draft.key);
    if (answer.status !== 200 && answer.status !== 201) return complain(`${answer.body?.message ?? "没有提交成功。"}写的字还在，可以再试。`);
    delete app.draft[spot];
    show("done", answer.body);
  });
  const readNotice = async () => {
    const notice = await call(phone, "GET", "/api/v1/me/privacy");
    const sheet = h("div", { class: "half", role: "dialog", "aria-modal": "true", "aria-label": "隐私说明" }, h("h3", {}, "隐私说明"), h("p", { class: "mp-notice" }, notice.body?.text ?? notice.body?.message), h("div", { class: "two" }, h("span"), h("button", { type: "button", class: "first", onclick: () => close() }, "看完了")));
    const close = lift(phone, sheet);
  };
  return { title: "提意见", body: [
    h("div", { class: "lead" }, h("h3", {}, it?.title ?? ""), !clause && h("p", {}, "对整个草案")), clause && h("blockquote", {}, clause.text.trim()), field,
    h("label", { class: "tick" }, shown, "公布答复时可以用我的原话（不带姓名）"),
    !consented && h("label", { class: "tick" }, agree, h("span", {}, "我看过并同意", h("button", { type: "button", class: "link", onclick: readNotice }, "《隐私说明》"))),
    wrong, send,
  ] };
}

async function done(phone, show, taken) {
  const due = taken.answer_due_on;
  const told = h("button", { type: "button", class: "mp-go" }, "有了答复告诉我一次");
  told.addEventListener("click", async () => {
    const wanted = await call(phone, "GET", "/api/v1/subscriptions");
    const ids = (wanted.body?.items ?? []).map((each) => each.template);
    if (!ids.length) return toast(phone, "现在不能订阅，请到「我的意见」里看答复。");
    const answers = await askToSubscribe(phone, "mini", ids);
    const given = Object.entries(answers).map(([template, answer]) => ({ template, answer }));
    await call(phone, "POST", "/api/v1/subscriptions", { answers: given }, newKey());
    const yes = given.some((each) => each.answer === "accept");
    toast(phone, yes ? "好的，有了答复会告诉您一次" : "好的，请到「我的意见」里看答复");
    told.disabled = true;
    told.textContent = yes ? "会告诉您一次" : "没有订阅";
  });
  const number = String(taken.receipt ?? "").replace(/^(\d{3})(\d{3})(\d+)$/, "$1 $2 $3");
  return { title: "意见收到了", body: [
    h("div", { class: "done" }, h("span", { class: "ring" }, icon("check")), h("h3", {}, "意见收到了"), due && h("p", {}, "不晚于", h("b", {}, longDate(due)), "答复您")),
    h("div", { class: "number" }, "您的编号", h("b", {}, number), taken.spoken && h("small", {}, `念作：${taken.spoken}`)),
    told, h("button", { type: "button", class: "mp-go soft", onclick: () => show("mine") }, "看我的意见"),
  ] };
}

async function mine(phone, show) {
  const answer = await call(phone, "GET", "/api/v1/comments/mine?limit=50");
  if (answer.status !== 200) return failed(phone, show, answer);
  const slips = answer.body.items.map((each) => h("button", { type: "button", class: "slip", onclick: () => show("comment", each.id) }, h("h3", {}, each.title), h("p", {}, each.target), h("p", {}, each.withdrawn ? "已撤回" : each.progress.words)));
  return { title: "我的意见", body: [tabs(show, "mine"), ...(slips.length ? slips : [h("p", { class: "hint" }, "还没有提过意见。")])] };
}

async function comment(phone, show, id) {
  const answer = await call(phone, "GET", `/api/v1/comments/${encodeURIComponent(id)}`);
  if (answer.status !== 200) return failed(phone, show, answer);
  const it = answer.body;
  const then = local(Date.parse(it.received_at) / 1000);
  return { title: "我的意见", body: [
    h("div", { class: "lead" }, h("h3", {}, it.title), h("p", {}, `${it.target}，${then.date} ${then.clock}`)),
    h("div", { class: "clause plain" }, h("p", {}, it.text), it.supplements.map((each) => h("p", {}, `补充：${each.text}`))),
    h("div", { class: "clause plain" }, h("b", {}, it.withdrawn ? "已撤回" : it.progress.words), it.progress.due_on && !it.answers.length && h("p", {}, `不晚于${longDate(it.progress.due_on)}答复`),
      it.answers.map((each) => h("div", { class: "answer" }, h("span", { class: "outcome" }, `${each.outcome_label}（${each.target}）`), h("p", {}, each.reason), each.after && h("p", { class: "now-reads" }, `现在：${each.after}`)))),
  ] };
}
