// Small tools for building pages: elements, icons, requests, dates. Text always goes in as text, never as HTML.
const SVG = "http://www.w3.org/2000/svg";

export function h(tag, attrs = {}, ...kids) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attrs)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value") node.value = value;
    else if (value === true) node.setAttribute(key, "");
    else node.setAttribute(key, value);
  }
  put(node, kids);
  return node;
}

export function put(node, kids) {
  for (const kid of kids.flat(Infinity)) {
    if (kid === undefined || kid === null || kid === false || kid === "") continue;
    node.append(kid);
  }
  return node;
}

export function icon(name, more = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${more}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/simulator/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (answer.status === 204) return null;
  return answer.json();
}

export async function post(path, body = {}) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  try {
    return await answer.json();
  } catch {
    return { ok: false, message: `没有办成（${answer.status}）。` };
  }
}

// Beijing time, whatever the reader's machine says.
const BEIJING = 8 * 3600;
export function local(at) {
  const date = new Date((at + BEIJING) * 1000);
  const two = (n) => String(n).padStart(2, "0");
  return {
    year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: "日一二三四五六"[date.getUTCDay()],
    clock: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`,
    exact: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`,
    date: `${date.getUTCFullYear()}年${date.getUTCMonth() + 1}月${date.getUTCDate()}日`,
    iso: `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`,
  };
}

export function longDate(iso) {
  const [year, month, day] = iso.slice(0, 10).split("-").map(Number);
  return `${year}年${month}月${day}日`;
}

export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86400000);
