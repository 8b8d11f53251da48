// WeChat's bar shows the title of the page below it. In a demonstration the page says it to the simulated phone that holds it.
(function () {
  "use strict";
  window.addEventListener("pageshow", function () {
    if (window.parent !== window) { window.parent.postMessage({ title: document.title }, (window.location.ancestorOrigins || ["*"])[0]); }
  });
})();
