/* Keys are written on the things they press: data-key="j", "1", "ctrl+enter", "/". The page works without them. */
const writes = (element) =>
  element && (element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
    (element.tagName === "INPUT" && !/^(radio|checkbox|button|submit)$/.test(element.type)));

const seen = (element) => element.getClientRects().length > 0 || element.type === "radio" || element.type === "checkbox";

const press = (element) => {
  if (writes(element)) {
    element.focus();
    if (element.select) element.select();
  } else {
    element.focus({ preventScroll: element.tagName === "A" });
    element.click();
  }
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (location.hash === "#keys") location.hash = "main";
    else if (writes(document.activeElement)) document.activeElement.blur();
    return;
  }
  const name = (event.ctrlKey ? "ctrl+" : "") + event.key.toLowerCase();
  if (!event.ctrlKey && writes(document.activeElement)) return;
  if (name === "?" && document.getElementById("keys")) {
    location.hash = location.hash === "#keys" ? "main" : "keys";
    event.preventDefault();
    return;
  }
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(name)}"]`)].find(seen);
  if (!target) return;
  event.preventDefault();
  press(target);
});

/* A page that is made to be printed has a button for it; without scripts there is the browser's own. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
