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

/* Words marked with the mouse become a point of their own: where they begin and end, counted in characters, goes with the form. */
const marking = () => {
  for (const form of document.querySelectorAll("[data-marking]")) form.hidden = false;
};
document.addEventListener("htmx:load", marking);
document.addEventListener("DOMContentLoaded", marking);
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-marking]");
  if (!form) return;
  const whole = document.querySelector("[data-whole]");
  const chosen = getSelection();
  if (!whole || !chosen.rangeCount || chosen.isCollapsed || !whole.contains(chosen.getRangeAt(0).commonAncestorContainer)) {
    event.preventDefault();
    whole?.focus();
    return;
  }
  const range = chosen.getRangeAt(0);
  const ahead = document.createRange();
  ahead.selectNodeContents(whole);
  ahead.setEnd(range.startContainer, range.startOffset);
  const begins = [...ahead.toString()].length;
  form.elements.part.value = `${begins}-${begins + [...range.toString()].length}`;
});

/* X ticks all ways of saying it, or none. */
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(TEXTAREA|SELECT|INPUT)$/.test(document.activeElement.tagName) && !/^(checkbox|radio)$/.test(document.activeElement.type)) return;
  const ways = [...document.querySelectorAll("[data-way]:not(:disabled)")];
  if (!ways.length) return;
  const all = ways.every((way) => way.checked);
  for (const way of ways) way.checked = !all;
});
