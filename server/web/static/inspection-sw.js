/* Keeps the forms of inspections for times without a network: the page as it last was, and what it
   is drawn with. Pages come from the network first; files whose address carries a version never
   change, so they come from here first. Nothing else is touched. */
"use strict";
const CACHE = "vonggac-inspections";
const PATIENCE_MS = 5000;
const isForm = (url) => /^\/inspections\/[0-9a-f]{32}\/form$/.test(url.pathname);

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const fresh = async (request) => {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url, { ignoreVary: true });
  const asked = fetch(request).then((response) => {
    if (response.ok && response.type === "basic" && !response.redirected) {
      cache.put(request.url, response.clone());
    }
    return response;
  });
  if (!kept) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
  return Promise.race([asked.catch(() => kept), late]);
};

const still = async (request) => {
  const cache = await caches.open(CACHE);
  return (await cache.match(request.url, { ignoreVary: true })) || fetch(request);
};

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && isForm(url)) event.respondWith(fresh(event.request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(still(event.request));
});
