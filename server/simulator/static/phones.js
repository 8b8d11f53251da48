// The list of phones: adds one and goes there.
import { post } from "./dom.js";

const form = document.getElementById("add");
form.addEventListener("submit", async (e) => {
  e.preventDefault();
  const given = new FormData(form);
  const answer = await post("/sim/phones", { name: given.get("name").trim() || null, village: given.get("village").trim() || null });
  if (answer.ok) location.href = answer.phone.page;
  else form.querySelector(".said").textContent = answer.message;
});
