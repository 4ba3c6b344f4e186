/* What the pages do by themselves: tick durations, keep "data until" true, say when the stream is
   lost. Words come from the page, so there is one catalogue only. */
"use strict";
(() => {
  const words = (name) => document.body.dataset[name].split("|");
  const part = (number, name) => {
    const [one, many] = words(name);
    return (number === 1 ? one : many).replace("#", String(number));
  };
  const duration = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const days = Math.floor(whole / 86400);
    const hours = Math.floor((whole % 86400) / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    const join = (...parts) => {
      const shown = parts.filter(([n]) => n > 0);
      return (shown.length ? shown : parts.slice(-1)).map(([n, name]) => part(n, name)).join(" ");
    };
    if (days) return join([days, "day"], [hours, "hour"]);
    if (hours) return join([hours, "hour"], [minutes, "minute"]);
    return minutes ? join([minutes, "minute"]) : join([whole, "second"]);
  };

  let ahead = 0; // how far the server's clock is ahead of this device's, in ms
  const tick = () => {
    for (const element of document.querySelectorAll("[data-since]")) {
      const text = duration((Date.now() + ahead - Date.parse(element.dataset.since)) / 1000);
      if (element.textContent !== text) element.textContent = text;
    }
  };

  let heard = performance.now();
  let lost = false;
  const banner = document.getElementById("lost");
  const pulse = document.getElementById("pulse");
  const setLost = (now) => {
    if (!banner || now === lost) return;
    lost = now;
    document.getElementById("lost-at").textContent = pulse ? pulse.textContent : "";
    banner.hidden = !now;
    const live = document.getElementById("live");
    if (!now && live) window.htmx.trigger(live, "refresh");
  };
  const onPulse = (event) => {
    const [clock, at] = event.data.split(" ");
    heard = performance.now();
    ahead = Date.parse(at) - Date.now();
    if (pulse) pulse.textContent = clock;
    setLost(false);
  };

  document.addEventListener("htmx:sseOpen", (event) => {
    event.detail.source.addEventListener("pulse", onPulse);
  });
  document.addEventListener("htmx:sseError", () => {
    if (performance.now() - heard > 6000) setLost(true);
  });
  document.addEventListener("htmx:afterSettle", tick);
  setInterval(() => {
    tick();
    if (banner && performance.now() - heard > 16000) setLost(true);
  }, 1000);

  document.addEventListener("click", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (menu && !menu.contains(event.target)) menu.removeAttribute("open");
    if (event.target.closest("button.print")) window.print();
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (event.key === "Escape" && menu) {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    }
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      const find = document.getElementById("find");
      if (find && find.offsetParent) {
        event.preventDefault();
        find.focus();
      }
    }
  });
})();
