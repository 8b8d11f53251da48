/* Every htmx request carries the token that this page was given. */
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRF-Token"] = token.content;
});
/* What htmx may not swap is shown as a page of its own, with its own words. */
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.requestConfig.verb === "get") location.assign(event.detail.pathInfo.finalRequestPath);
});
/* A button pressed twice is one deed: the second press of a form that is on its way is dropped. */
const going = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-boost")) return;
  if (going.has(form)) { event.preventDefault(); return; }
  going.add(form);
  window.setTimeout(() => going.delete(form), 6000);
});
