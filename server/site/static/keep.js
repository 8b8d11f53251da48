// Keeps what a resident is writing on the phone until it has been received. The page works without it.
(function () {
  "use strict";
  var PREFIX = "huiyin.draft.";
  function store(deed) { try { return deed(window.localStorage); } catch (e) { return null; } }
  function forget(name) { store(function (s) { s.removeItem(PREFIX + name); }); }

  document.querySelectorAll("[data-keep-done]").forEach(function (place) { forget(place.getAttribute("data-keep-done")); });

  document.querySelectorAll("form[data-keep-forget]").forEach(function (form) {
    // A phone may change hands: signing out takes the drafts along.
    form.addEventListener("submit", function () {
      store(function (s) { Object.keys(s).forEach(function (k) { if (k.indexOf(PREFIX) === 0) { s.removeItem(k); } }); });
    });
  });

  document.querySelectorAll("form[data-keep]").forEach(function (form) {
    var name = form.getAttribute("data-keep"), box = form.querySelector("textarea");
    if (!box) { return; }
    var kept = form.querySelector("[data-kept]"), count = form.querySelector("[data-count]"), timer = 0;
    var most = 2000;
    function tally() { var n = Array.from(box.value).length; count.textContent = n + " / " + most + "字"; count.classList.toggle("late", n > most); }
    function keep() {
      var saved = store(function (s) {
        if (box.value) { s.setItem(PREFIX + name, JSON.stringify({ text: box.value, at: Date.now() })); } else { s.removeItem(PREFIX + name); }
        return true;
      });
      kept.textContent = saved ? "草稿已存好，退出也不会丢" : "最多" + most + "字";
    }
    var draft = store(function (s) { return JSON.parse(s.getItem(PREFIX + name) || "null"); });
    if (draft && draft.text && !box.value && Date.now() - draft.at < 30 * 86400000) { box.value = draft.text; kept.textContent = "上次没写完的，替您留着"; }
    tally();
    box.addEventListener("input", function () { tally(); window.clearTimeout(timer); timer = window.setTimeout(keep, 400); });
    form.addEventListener("submit", function () {
      // One deed, one press; the key in the form catches what slips through.
      keep();
      window.setTimeout(function () { form.querySelectorAll("button[type=submit]").forEach(function (b) { b.disabled = true; b.textContent = "正在提交……"; }); }, 0);
    });
    window.addEventListener("pageshow", function () { form.querySelectorAll("button[type=submit]").forEach(function (b) { if (b.disabled) { window.location.reload(); } }); });
  });
})();
