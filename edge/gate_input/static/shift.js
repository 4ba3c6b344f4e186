// Keeps the page ready for the next guard. Without it everything works, by hand.
"use strict";
const code = document.getElementById("code");
code?.select(); // a card swiped after a mistake takes its place
document.addEventListener("change", (event) => {
  if (code && event.target.name === "gate") code.focus();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // a page of before must not be sent again
});
// The clock, the list and what was said last are old after half a minute; nothing typed is lost.
setInterval(() => {
  if (code && code.value) return;
  const here = new URL(location.href);
  const to = new URL("/", here);
  const gate = document.querySelector("[name=gate]:checked")?.value ?? here.searchParams.get("gate");
  if (gate) to.searchParams.set("gate", gate);
  to.searchParams.set("lang", document.documentElement.lang);
  location.replace(to);
}, 30000);
