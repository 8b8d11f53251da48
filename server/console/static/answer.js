/* With an outcome chosen, only the finer reasons that fit it can be chosen. */
const fit = () => {
  const chosen = document.querySelector('#answer input[name="outcome"]:checked');
  for (const option of document.querySelectorAll("#answer option[data-fits]")) {
    const fits = !chosen || option.dataset.fits.split(" ").includes(chosen.value);
    option.hidden = option.disabled = !fits;
    if (!fits && option.selected) option.parentElement.selectedIndex = 0;
  }
};
document.addEventListener("change", (event) => { if (event.target.name === "outcome") fit(); });
document.addEventListener("htmx:load", fit);
document.addEventListener("DOMContentLoaded", fit);

/* Words marked with the mouse: what is pressed for them is there only where scripts run. */
const marking = () => {
  for (const one of document.querySelectorAll("[data-marking], [data-mark-into]")) one.hidden = false;
};
document.addEventListener("htmx:load", marking);
document.addEventListener("DOMContentLoaded", marking);
const markedIn = (whole) => {
  const chosen = getSelection();
  if (!whole || !chosen.rangeCount || chosen.isCollapsed) return null;
  const range = chosen.getRangeAt(0);
  return whole.contains(range.commonAncestorContainer) ? range : null;
};

/* They become a point of their own: where they begin and end, counted in characters, goes with the form. */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-marking]");
  if (!form) return;
  const whole = document.querySelector("[data-whole]");
  const range = markedIn(whole);
  if (!range) {
    event.preventDefault();
    whole?.focus();
    return;
  }
  const ahead = document.createRange();
  ahead.selectNodeContents(whole);
  ahead.setEnd(range.startContainer, range.startOffset);
  const begins = [...ahead.toString()].length;
  form.elements.part.value = `${begins}-${begins + [...range.toString()].length}`;
});

/* Or they are to be covered: each goes on a line of its own into the field that the button names. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mark-into] button");
  if (!button) return;
  const range = markedIn(document.querySelector("[data-whole]"));
  const field = document.getElementById(button.parentElement.dataset.markInto);
  if (!range) return document.querySelector("[data-whole]").focus();
  const words = `${field.value}\n${range}`.split("\n").map((line) => line.trim()).filter(Boolean);
  field.value = [...new Set(words)].join("\n");
});

/* X ticks all ways of saying it, or none. */
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(TEXTAREA|SELECT|INPUT)$/.test(document.activeElement.tagName) && !/^(checkbox|radio)$/.test(document.activeElement.type)) return;
  const ways = [...document.querySelectorAll("[data-way]:not(:disabled)")];
  if (!ways.length) return;
  const all = ways.every((way) => way.checked);
  for (const way of ways) way.checked = !all;
  count();
});

/* How many points the ticked ways of saying it are, said beside the button that answers them. */
const count = () => {
  const told = document.querySelector("[data-chosen]");
  if (!told) return;
  const ways = [...document.querySelectorAll("[data-way]:checked:not(:disabled)")];
  const rest = document.querySelector('#answer input[name="rest"]:checked') ? Number(told.dataset.left ?? 0) : 0;
  told.textContent = ways.reduce((sum, way) => sum + way.value.split(",").length, rest).toLocaleString("en");
};
document.addEventListener("change", (event) => { if (event.target.matches('[data-way], [name="rest"]')) count(); });
