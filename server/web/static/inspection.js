/* The form of an inspection. Every entry is kept in this device (IndexedDB) at once, and sent when
   the network is there. A change has a name of its own, so that sending it twice is sending it
   once; what the centre holds meanwhile is compared by revision, never overwritten unseen. */
"use strict";
(() => {
  const root = document.getElementById("inspection");
  const id = root.dataset.id;
  const own = `/inspections/${id}`;
  const word = (name) => root.dataset[`w${name[0].toUpperCase()}${name.slice(1)}`];
  const $ = (selector, within = root) => within.querySelector(selector);
  const $$ = (selector, within = root) => [...within.querySelectorAll(selector)];
  const MOST_SIDE_PX = 1600;
  const CACHE = "vonggac-inspections";
  const offline = window.isSecureContext && "serviceWorker" in navigator && "caches" in window;
  const uuid = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

  /* ---- this device's store: what is typed, and photos that have not been sent ---- */
  const request = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  let opened;
  const db = () => {
    opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open("vonggac-inspections", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("visits", { keyPath: "id" });
        asked.result.createObjectStore("photos", { keyPath: ["visit", "sha"] });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    return opened;
  };
  const keep = async (store, value) => {
    const work = (await db()).transaction(store, "readwrite", { durability: "strict" });
    work.objectStore(store).put(value);
    await new Promise((resolve, reject) => {
      work.oncomplete = resolve;
      work.onerror = work.onabort = () => reject(work.error);
    });
  };
  const drop = async (store, key) =>
    request((await db()).transaction(store, "readwrite").objectStore(store).delete(key));
  const find = async (store, key) => request((await db()).transaction(store).objectStore(store).get(key));
  const photosHere = async () =>
    request((await db()).transaction("photos").objectStore("photos").getAll(IDBKeyRange.bound([id, ""], [id, "\uffff"])));

  /* ---- between the page and a paper ---- */
  const ANSWERS = { yes: true, no: false };
  const pressed = (box, field) => {
    const button = $(`[data-field=${field}] [aria-pressed=true]`, box);
    return button ? ANSWERS[button.value] : null;
  };
  const press = (box, field, value) => {
    for (const button of $$(`[data-field=${field}] button`, box)) {
      button.setAttribute("aria-pressed", String(ANSWERS[button.value] === value));
    }
  };
  const text = (box, field) => $(`[data-field=${field}]`, box).value;
  const whole = (box, field) => {
    const { value, min, max } = $(`[data-field=${field}]`, box);
    return /^\d+$/.test(value) ? Math.min(Number(max), Math.max(Number(min), Number(value))) : null;
  };
  const put = (box, field, value) => { $(`[data-field=${field}]`, box).value = value ?? ""; };

  const people = (list) => $$(".person", $(`[data-people=${list}]`))
    .map((row) => ({ name: text(row, "name").trim(), role: text(row, "role").trim() }))
    .filter((one) => one.name);
  const finding = (row) => {
    const [kind, place] = text(row, "place").split(" ");
    return {
      id: row.dataset.finding,
      what: text(row, "what").trim(),
      camera: kind === "camera" ? place : null,
      zone: kind === "zone" ? place : null,
      severity: text(row, "severity"),
      deadline: text(row, "deadline") || null,
      acts: text(row, "acts").trim(),
      healthy_days: whole(row, "healthy_days"),
      photos: $$(".photos li", row).map((one) => one.dataset.sha),
    };
  };
  const camera = (box) => ({
    camera: box.dataset.camera,
    works: pressed(box, "works"),
    picture: pressed(box, "picture"),
    clock: pressed(box, "clock"),
    recorded_days: whole(box, "recorded_days"),
    note: text(box, "note").trim(),
  });
  const isSaid = (check) => Object.values(check).slice(1).some((value) => value !== null && value !== "");
  const collect = () => ({
    team: people("team"),
    received_by: people("received_by"),
    began: $("#began").value,
    ended: $("#ended").value,
    cameras: $$("[data-camera]").map(camera).filter(isSaid),
    zones: $$("[data-zone]")
      .map((box) => ({ zone: box.dataset.zone, covered: pressed(box, "covered"), note: text(box, "note").trim() }))
      .filter(isSaid),
    findings: $$("[data-finding]").map(finding).filter((one) => one.what),
    conclusion: $("#conclusion").value.trim(),
    school_words: $("#school_words").value.trim(),
  });

  const addPerson = (list, one = {}) => {
    const row = $("#t-person").content.firstElementChild.cloneNode(true);
    put(row, "name", one.name);
    put(row, "role", one.role);
    list.append(row);
    return row;
  };
  const numberPhotos = (row) => $$(".photos li", row).forEach((one, index) => {
    $(".photo-name", one).textContent = word("photo").replace("#", String(index + 1));
  });
  const addPhoto = (row, sha) => {
    const one = document.createElement("li");
    one.dataset.sha = sha;
    const name = document.createElement("span");
    name.className = "photo-name";
    const away = document.createElement("button");
    away.type = "button";
    away.className = "btn";
    away.dataset.act = "remove";
    away.textContent = "×";
    one.append(name, away);
    $(".photos", row).append(one);
    numberPhotos(row);
  };
  const addFinding = (one = {}) => {
    const row = $("#t-finding").content.firstElementChild.cloneNode(true);
    row.dataset.finding = one.id ?? uuid().slice(0, 12);
    put(row, "what", one.what);
    put(row, "place", one.camera ? `camera ${one.camera}` : one.zone ? `zone ${one.zone}` : "");
    if (one.severity) put(row, "severity", one.severity);
    put(row, "deadline", one.deadline);
    put(row, "acts", one.acts);
    put(row, "healthy_days", one.id ? one.healthy_days : root.dataset.healthyDays);
    for (const sha of one.photos ?? []) addPhoto(row, sha);
    $("#findings").append(row);
    return row;
  };
  const show = (paper) => {
    $("#began").value = paper.began;
    $("#ended").value = paper.ended;
    $("#conclusion").value = paper.conclusion;
    $("#school_words").value = paper.school_words;
    for (const name of ["team", "received_by"]) {
      const list = $(`[data-people=${name}]`);
      list.replaceChildren();
      for (const one of paper[name].length ? paper[name] : [{}]) addPerson(list, one);
    }
    const cameras = Object.fromEntries(paper.cameras.map((one) => [one.camera, one]));
    for (const box of $$("[data-camera]")) {
      const one = cameras[box.dataset.camera] ?? {};
      for (const field of ["works", "picture", "clock"]) press(box, field, one[field] ?? null);
      put(box, "recorded_days", one.recorded_days);
      put(box, "note", one.note);
    }
    const zones = Object.fromEntries(paper.zones.map((one) => [one.zone, one]));
    for (const box of $$("[data-zone]")) {
      press(box, "covered", zones[box.dataset.zone]?.covered ?? null);
      put(box, "note", zones[box.dataset.zone]?.note);
    }
    $("#findings").replaceChildren();
    for (const one of paper.findings) addFinding(one);
    $("#no-findings").hidden = paper.findings.length > 0;
  };
  const showSigned = () => {
    for (const side of $$("[data-side]")) {
      const one = state.signed[side.dataset.side];
      const line = $(".signed", side);
      line.hidden = !one;
      for (const part of $$("input, button", side)) part.hidden = Boolean(one);
      if (!one) continue;
      const at = new Date(one.at).toLocaleString(document.documentElement.lang, { timeZone: "Asia/Ho_Chi_Minh" });
      const who = one.role ? `${one.name}, ${one.role}` : one.name;
      $("span", line).textContent = `${word("signed").replace("#", who)} ${at}`;
    }
    const settled = state.step === "confirmed" || state.step === "closed";
    $("#all").disabled = settled;
    $("#settled").hidden = !settled;
  };

  /* ---- what is here: the paper, the revision that it rests on, and whether it was sent ---- */
  let state;
  let theirs = null;
  let kept = Promise.resolve();
  const adopt = (standing) => {
    state = {
      id, base: standing.revision, step: standing.step, paper: standing.paper,
      signed: standing.signed, change: standing.change, dirty: false,
    };
  };
  const tell = (what, where = "here", more = "") => {
    $("#sync").dataset.state = where;
    $("#sync-word").textContent = what;
    $("#sync-more").textContent = more;
  };
  const waiting = async () => {
    const needed = new Set(state.paper.findings.flatMap((one) => one.photos));
    const photos = (await photosHere()).filter((one) => !one.sent && needed.has(one.sha)).length;
    return (state.dirty ? 1 : 0) + photos;
  };
  const tellWaiting = async (more = "", where = "waiting") =>
    tell(word("waiting").replace("#", String(await waiting())), where, more);
  const save = () => {
    const copy = structuredClone(state);
    kept = kept.then(() => keep("visits", copy)).catch(() => tell(word("storage"), "trouble"));
    return kept;
  };
  let timer;
  const soon = (ms) => { clearTimeout(timer); timer = setTimeout(send, ms); };
  const changed = async () => {
    const paper = collect();
    if (JSON.stringify(paper) === JSON.stringify(state.paper)) return;
    if (Object.keys(state.signed).length) {
      state.signed = {};
      $("#unsigned").hidden = false;
      showSigned();
    }
    state = { ...state, paper, change: uuid(), dirty: true };
    await save();
    if (!theirs) tell(word("here"));
    soon(1500);
  };

  /* ---- sending ---- */
  class Refused extends Error {}
  const ask = async (path, body, type) => {
    const response = await fetch(path, {
      method: "PUT", body, redirect: "manual", headers: { "Content-Type": type },
    });
    if (response.type === "opaqueredirect" || response.status === 401) throw new Refused(word("login"));
    return response;
  };
  const sendPhotos = async (again = []) => {
    const needed = new Set(state.paper.findings.flatMap((one) => one.photos));
    for (const photo of await photosHere()) {
      if (!needed.has(photo.sha) || (photo.sent && !again.includes(photo.sha))) continue;
      const response = await ask(`${own}/photos/${photo.sha}`, photo.blob, "image/jpeg");
      if (response.status >= 500) throw new TypeError("later");
      if (!response.ok) throw new Refused(`${word("refused")} ${response.status}`);
      await keep("photos", { ...photo, sent: true });
    }
  };
  const sendPaper = async (retried = false) => {
    const { base, change, paper, signed } = state;
    const done = Object.keys(signed).length > 0;
    const response = await ask(`${own}/paper`, JSON.stringify({ base, change, sent_at: new Date().toISOString(), paper, done, signed }), "application/json");
    if (response.status >= 500) throw new TypeError("later");
    const told = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
    if (!told) throw new Refused(`${word("refused")} ${response.status}`);
    const answer = await response.json();
    if (answer.taken) return arrived(answer.standing, change);
    if (answer.missing.length && !retried) {
      await sendPhotos(answer.missing);
      return sendPaper(true);
    }
    if (answer.why !== "conflict" && answer.why !== "confirmed") throw new Refused(`${word("refused")} ${answer.why}`);
    conflict(answer.standing);
  };
  const arrived = async (standing, change) => {
    if (state.change !== change) {
      state.base = standing.revision; // more was typed while it was on its way
      await save();
      return soon(200);
    }
    const same = standing.change === change;
    adopt(standing);
    if (!same) show(state.paper);
    await save();
    showSigned();
    tell(word("sent"), "sent");
    if (state.step === "confirmed" || state.step === "closed") await forget();
  };
  let busy = false;
  const send = async () => {
    clearTimeout(timer);
    if (busy || theirs || !state.dirty) return;
    busy = true;
    try {
      await kept;
      await tellWaiting();
      await sendPhotos();
      await sendPaper();
    } catch (error) {
      if (error instanceof Refused) await tellWaiting(error.message, "trouble");
      else await tellWaiting(word("offline"));
      soon(20000);
    } finally {
      busy = false;
    }
  };
  /* A paper that both sides have confirmed leaves nothing behind in this device. */
  const forget = async () => {
    for (const photo of await photosHere()) await drop("photos", [id, photo.sha]);
    await drop("visits", id);
    if (!offline) return;
    const cache = await caches.open(CACHE);
    await cache.delete(`${own}/form`);
    $("#kept").textContent = "";
  };

  /* ---- two versions ---- */
  const said = (value) => (value === true ? word("yes") : value === false ? word("no") : value ?? "");
  const label = (selector, within = root) => $(selector, within)?.textContent.trim() ?? "";
  const lines = (paper, signed) => {
    const found = new Map();
    const who = (list) => paper[list].map((one) => `${one.name} ${one.role}`.trim()).join(", ");
    const checked = (name, box, rest) => {
      const named = Object.entries(rest).filter(([, value]) => value !== null && value !== "");
      const fields = named.map(([field, value]) => {
        const part = box && $(`[data-field=${field}]`, box)?.closest(".ask");
        const title = part && label("legend,label", part);
        return title ? `${title}: ${said(value)}` : said(value);
      });
      found.set(name, fields.join("; "));
    };
    const word_of = (severity) => label(`[data-field=severity] option[value=${severity}]`, $("#t-finding").content);
    found.set(label("#q1"), [paper.began, paper.ended, who("team"), who("received_by")].filter(Boolean).join("; "));
    for (const { zone, ...rest } of paper.zones) {
      const box = $(`[data-zone="${CSS.escape(zone)}"]`);
      checked(label(`#z-${CSS.escape(zone)}`) || zone, box, rest);
    }
    for (const { camera: key, ...rest } of paper.cameras) {
      const box = $(`[data-camera="${CSS.escape(key)}"]`);
      checked(box?.dataset.name ?? key, box, rest);
    }
    for (const one of paper.findings) {
      const place = label(`option[value="${one.camera ? "camera" : "zone"} ${CSS.escape(one.camera ?? one.zone ?? "")}"]`, $("#t-finding").content);
      const parts = [one.what, place, word_of(one.severity), one.deadline, one.acts, one.healthy_days, ...one.photos.map((sha) => sha.slice(0, 6))];
      found.set(`${label("#q2")} ${one.id.slice(0, 4)}`, parts.filter(Boolean).join("; "));
    }
    found.set(label("label[for=conclusion]"), paper.conclusion);
    found.set(label("label[for=school_words]"), paper.school_words);
    found.set(label("#q4"), Object.values(signed).map((one) => one.name).join(", "));
    return found;
  };
  const cell = (name, content) => Object.assign(document.createElement(name), { textContent: content });
  const conflict = (standing) => {
    theirs = standing;
    const [mine, other] = [lines(state.paper, state.signed), lines(standing.paper, standing.signed)];
    const keys = [...new Set([...mine.keys(), ...other.keys()])].filter((key) => (mine.get(key) ?? "") !== (other.get(key) ?? ""));
    $("#differences").replaceChildren(...keys.map((key) => {
      const row = document.createElement("tr");
      row.append(cell("th", key), cell("td", mine.get(key) || word("nothing")), cell("td", other.get(key) || word("nothing")));
      return row;
    }));
    $("#keep-mine").hidden = standing.step === "confirmed" || standing.step === "closed";
    $("#conflict").hidden = false;
    tell(word("conflict"), "trouble");
    $("#conflict").scrollIntoView({ block: "nearest" });
  };
  const settle = async (mine) => {
    const standing = theirs;
    theirs = null;
    $("#conflict").hidden = true;
    if (mine) {
      state = { ...state, base: standing.revision, step: standing.step, change: uuid(), dirty: true };
      await save();
      return send();
    }
    adopt(standing);
    await save();
    show(state.paper);
    showSigned();
    tell(word("sent"), "sent");
    if (state.step === "confirmed" || state.step === "closed") await forget();
  };

  /* ---- photos: small, and without what the phone's camera wrote beside the picture ---- */
  const plain = (bytes) => {
    const view = new DataView(bytes.buffer);
    const parts = [bytes.subarray(0, 2)];
    const wanted = new Set([0xc0, 0xc1, 0xc2, 0xc4, 0xdb, 0xdd, 0xe0, 0xe2, 0xee]);
    for (let at = 2; at + 4 <= bytes.length;) {
      const kind = bytes[at + 1];
      if (kind === 0xda) {
        parts.push(bytes.subarray(at));
        break;
      }
      const end = at + 2 + view.getUint16(at + 2);
      if (wanted.has(kind)) parts.push(bytes.subarray(at, end));
      at = end;
    }
    return new Blob(parts, { type: "image/jpeg" });
  };
  const shrunk = async (file) => {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, MOST_SIDE_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
    return plain(new Uint8Array(await blob.arrayBuffer()));
  };
  const shoot = async (input) => {
    const row = input.closest("[data-finding]");
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    try {
      const blob = await shrunk(file);
      const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
      const sha = Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join("");
      await keep("photos", { visit: id, sha, blob, sent: false });
      addPhoto(row, sha);
      await changed();
    } catch {
      tell(word("nophoto"), "trouble");
    }
  };

  /* ---- what people do ---- */
  const sign = async (side) => {
    const name = text(side, "name").trim();
    if (!name) return $("[data-field=name]", side).focus();
    await changed();
    const one = { name, role: text(side, "role").trim(), at: new Date().toISOString() };
    state = { ...state, signed: { ...state.signed, [side.dataset.side]: one }, change: uuid(), dirty: true };
    $("#unsigned").hidden = true;
    showSigned();
    await save();
    tell(word("here"));
    return send();
  };
  const acts = {
    person: (button) => $("input", addPerson($("[data-people]", button.parentElement))).focus(),
    remove: (button) => {
      const row = button.closest("[data-finding]");
      button.closest("li").remove();
      if (row?.isConnected) numberPhotos(row);
      $("#no-findings").hidden = $$("[data-finding]").length > 0;
    },
    finding: (button) => {
      const { placeCamera: at, placeZone: zone } = button.dataset;
      $("textarea", addFinding({ camera: at, zone })).focus();
      $("#no-findings").hidden = true;
    },
    sign: (button) => sign(button.closest("[data-side]")),
  };
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const answer = button.closest("[data-field]");
    if (answer) {
      const was = button.getAttribute("aria-pressed") === "true";
      for (const other of $$("button", answer)) other.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", String(!was));
    }
    acts[button.dataset.act]?.(button);
    if (button.id === "send") return send();
    if (button.id === "keep-mine") return settle(true);
    if (button.id === "keep-theirs") return settle(false);
    if (button.dataset.act !== "sign") await changed();
  });
  root.addEventListener("input", (event) => {
    if (event.target.dataset.act !== "photo" && !event.target.closest("[data-side]")) changed();
  });
  root.addEventListener("change", (event) => {
    if (event.target.dataset.act === "photo") shoot(event.target);
  });
  window.addEventListener("online", () => send());
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") send(); });

  /* ---- the page itself, kept for times without a network ---- */
  const keepPage = async () => {
    if (!offline) {
      $("#kept").textContent = word("insecure");
      for (const input of $$("[data-act=photo]")) input.disabled = true;
      $("#t-finding").content.querySelector("[data-act=photo]").disabled = true;
      return;
    }
    await navigator.storage?.persist?.();
    await navigator.serviceWorker.register("/inspections/sw.js", { scope: "/inspections/" });
    const files = [...document.querySelectorAll("script[src],link[rel~=stylesheet],link[rel~=icon]")].map((one) => one.src || one.href);
    const cache = await caches.open(CACHE);
    const page = await fetch(`${own}/form`, { redirect: "manual" });
    if (page.ok) await cache.put(`${own}/form`, page);
    for (const file of files) if (!(await cache.match(file))) await cache.add(file);
    await navigator.serviceWorker.ready;
    $("#kept").textContent = word("kept");
  };

  const start = async () => {
    const standing = JSON.parse(root.dataset.standing);
    const here = await find("visits", id).catch(() => null);
    if (here && (here.dirty || here.base > standing.revision)) state = here;
    else adopt(standing);
    show(state.paper);
    showSigned();
    if (state.dirty) await send();
    else if (here) tell(word("sent"), "sent");
    if (state.step !== "confirmed" && state.step !== "closed") await keepPage().catch(() => {});
  };
  start();
})();
