// What the page does by itself: keys, the editor, selection, and what others change meanwhile.
// Requests and swaps are htmx's; each answer is made by the server, so nothing here knows a language.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const words = $("#words")?.dataset ?? {};

const SAVE_MS = 600, OFFLINE_MS = 3000, CLAIM_MS = 120_000, NOTCH_MS = 250, PAGE = 50;

const post = (url, fields) =>
  fetch(url, { method: "POST", headers: { "X-CSRF-Token": document.body.dataset.csrf }, body: new URLSearchParams(fields) });

const card = () => $("#card");
const list = () => $$("#rows .row");
const rowOf = id => document.getElementById(`row-${id}`);
const query = () => {
  const said = new URLSearchParams(location.search);
  said.delete("id");
  return said.size ? `?${said}` : "";
};

const painted = then => requestAnimationFrame(() => setTimeout(then));

// --- Toasts -------------------------------------------------------------------------------------------

let toastTimer, fuseTimer;
function watchToast() {
  clearTimeout(toastTimer);
  clearInterval(fuseTimer);
  const toast = $("#toasts .toast");
  if (!toast) return;
  if ("out" in toast.dataset && !$("dialog[open]")) $("#signin").showModal();
  const seconds = Number(toast.dataset.seconds ?? 6);
  burn($(".fuse", toast), seconds * 1000);
  toastTimer = setTimeout(() => toast.remove(), Math.max(seconds, 2) * 1000);
}

// In notches: an animation would have the whole page drawn sixty times a second while somebody goes on working.
function burn(fuse, lasts) {
  const ends = performance.now() + lasts;
  if (fuse) fuseTimer = setInterval(() => (fuse.style.scale = `${Math.max(0, ends - performance.now()) / lasts} 1`), NOTCH_MS);
}

function say(text, bad = false) {
  const toast = document.createElement("div");
  toast.className = bad ? "toast bad" : "toast";
  toast.dataset.seconds = "6";
  toast.append(text);
  $("#toasts").replaceChildren(toast);
}

new MutationObserver(watchToast).observe($("#toasts"), { childList: true });

// --- Moving through the list ---------------------------------------------------------------------------

function open(row) {
  const link = row && $(".row-link", row);
  if (!link) return;
  link.click();
  link.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const rows = list(), at = rows.findIndex(row => $(".row-link[aria-current]", row));
  open(rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)]);
}

function openNext(id) {
  const rows = list(), at = rows.findIndex(row => row.dataset.id === id);
  const waits = row => row.dataset.status === "pending";
  const next = rows.slice(at + 1).find(waits) ?? rows.slice(0, at).find(waits);
  if (next) open(next);
  else if (id) reload(id);
}

function reload(id) {
  return htmx.ajax("GET", `/queue/card/${id}${query()}`, { target: "#card-pane", swap: "innerHTML" });
}

function markCurrent() {
  const id = card()?.dataset.id;
  for (const link of $$("#rows .row-link")) {
    if (link.closest(".row").dataset.id === id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// --- The editor -----------------------------------------------------------------------------------------

const editor = () => $("#editor");
const isEditing = () => Boolean(editor() && !editor().hidden);
const kept = id => `artel:draft:${id}`;
let saveTimer;

function fields() {
  const [subject, body] = [$("[name=subject]", editor()), $("[name=body]", editor())];
  return { subject, body };
}

function edit(on) {
  if (!editor()) return;
  editor().hidden = editor().disabled = !on;
  $("#reader").hidden = on;
  $("#edit")?.setAttribute("aria-expanded", String(on));
  if (on) fields().body.focus();
  else $("#diff").hidden = true;
}

function remember() {
  const { subject, body } = fields();
  const id = editor().dataset.draft;
  localStorage.setItem(kept(id), JSON.stringify({ subject: subject.value, body: body.value }));
  $("#saved").textContent = words.saving;
  clearTimeout(saveTimer);
  saveTimer = setTimeout(() => save(id), SAVE_MS);
  if (!$("#diff").hidden) showDiff();
}

async function save(id) {
  clearTimeout(saveTimer);
  const form = editor();
  if (!form || form.dataset.draft !== id || form.hidden) return;
  const status = $("#saved");
  try {
    const answer = await post(form.dataset.save, letter());
    status.textContent = answer.ok ? words.saved : words.kept;
    if (answer.ok) localStorage.removeItem(kept(id));
  } catch {
    status.textContent = words.kept;
  }
}

function letter() {
  const { subject, body } = fields();
  return { subject: subject.value, body: body.value, version: card().dataset.version };
}

async function dropEdit() {
  const { subject, body } = fields();
  clearTimeout(saveTimer);
  localStorage.removeItem(kept(editor().dataset.draft));
  // First here: a key that is pressed meanwhile would keep the text again.
  [subject.value, body.value] = [subject.dataset.original, body.dataset.original];
  edit(false);
  await post($("#drop-edit").dataset.url, {}).catch(() => {});
}

function takeUpKept() {
  const id = editor()?.dataset.draft, text = id && localStorage.getItem(kept(id));
  if (!text) return;
  const { subject, body } = fields(), was = JSON.parse(text);
  [subject.value, body.value] = [was.subject, was.body];
  edit(true);
  save(id);
}

async function showDiff() {
  const place = $("#diff");
  const answer = await post(place.dataset.url, letter());
  if (!answer.ok) return;
  const wasHidden = place.hidden;
  place.innerHTML = await answer.text();
  place.hidden = false;
  if (wasHidden) place.scrollIntoView({ block: "center" });
}

function toggleDiff() {
  if (!isEditing()) return;
  if ($("#diff").hidden) showDiff();
  else $("#diff").hidden = true;
}

// --- Choosing several -----------------------------------------------------------------------------------

let lastTicked;
const ticks = () => $$("#rows input[name=item]");

function tick(box, on, range) {
  const boxes = ticks();
  const [from, to] = [boxes.indexOf(lastTicked), boxes.indexOf(box)];
  if (range && from >= 0) for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = on;
  box.checked = on;
  lastTicked = box;
  countTicks();
}

function countTicks(everything = false) {
  const form = $("#bulk");
  if (!form) return;
  const chosen = ticks().filter(box => box.checked).length;
  const { total, counted } = $("#range")?.dataset ?? {}, most = $("#bulk-most");
  form.elements.everything.value = everything ? "1" : "";
  form.hidden = !chosen && !$("#bulk-report").childElementCount;
  $("#bulk-count").textContent = everything ? counted : chosen;
  most.hidden = !everything || Number(total) <= Number(most.dataset.most);
}

// --- What others do ---------------------------------------------------------------------------------------

const mine = new Set();
let stream, offlineTimer, hasBeenOpen = false;

function online(is) {
  clearTimeout(offlineTimer);
  if (is) return void ($("#offline").hidden = true);
  offlineTimer = setTimeout(() => ($("#offline").hidden = false), OFFLINE_MS);
}

function listen() {
  const place = $("[data-live]");
  if (!place || stream || document.hidden) return;
  stream = new EventSource(place.dataset.live);
  stream.addEventListener("ready", () => {
    online(true);
    document.body.dataset.heard = "yes";
    if (hasBeenOpen) catchUp();
    hasBeenOpen = true;
  });
  for (const what of ["opened", "changed", "claimed"]) stream.addEventListener(what, event => changed(JSON.parse(event.data).id, what === "opened"));
  stream.addEventListener("error", () => {
    online(false);
    if (stream.readyState === EventSource.CLOSED) {
      hush();
      setTimeout(listen, OFFLINE_MS);
    }
  });
}

function hush() {
  stream?.close();
  stream = undefined;
}

async function catchUp() {
  const id = card()?.dataset.id;
  await htmx.ajax("GET", `/queue${query()}`, { target: "#results", swap: "innerHTML" });
  if (id) await freshen(id);
}

async function changed(id, isNew = false) {
  if (mine.has(id)) return;
  // Without a connection nothing is told now: the next stream begins with all that was missed.
  const answer = await fetch(`/queue/row/${id}${query()}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || mine.has(id)) return;
  $("#count").textContent = answer.headers.get("X-Counted");
  const place = rowOf(id), fits = answer.headers.get("X-Fits") === "1";
  if (place || fits) put(await answer.text(), place, isNew);
  if (card()?.dataset.id === id) await freshen(id);
}

function put(html, place, isNew) {
  const made = document.createElement("template");
  made.innerHTML = html;
  const row = made.content.querySelector(".row");
  const wasTicked = place && $("input[name=item]", place)?.checked;
  if (place) place.replaceWith(row);
  else if (!insert(row)) return void (isNew && countUnseen(row.dataset.id));
  const box = $("input[name=item]", row);
  if (box && wasTicked) box.checked = true;
  htmx.process(row);
  markCurrent();
  countTicks();
}

// What came and has no place on this page is counted; nothing moves under the reader's eyes.
function countUnseen(id) {
  const link = $("#fresh");
  if (!link) return;
  const seen = new Set((link.dataset.ids ?? "").split(" ").filter(Boolean)).add(id);
  link.dataset.ids = [...seen].join(" ");
  link.textContent = `${words.fresh}: ${seen.size}`;
  link.hidden = false;
}

function insert(row) {
  const rows = $("#rows"), said = new URLSearchParams(location.search), sort = said.get("sort") ?? "score";
  if (rows.hidden) return Boolean(catchUp());
  if (said.has("after") || (sort === "oldest" && list().length >= PAGE)) return false;
  const rank = it => Number(it.dataset.rank);
  const before = sort === "newest" ? list()[0] : sort === "oldest" ? null : list().find(it => rank(it) <= rank(row));
  if (!before && list().length >= PAGE) return false;
  row.classList.add("new");
  rows.insertBefore(row, before ?? null);
  return true;
}

// A card that is being edited is never taken away; what happened to it stands above it.
const isBusy = () => isEditing() || $("dialog[open]") || $("#comments textarea")?.value;

async function freshen(id) {
  if (isBusy())
    return htmx.ajax("GET", `/queue/card/${id}/news${query()}`, { target: "#banner", swap: "innerHTML" });
  return htmx.ajax("GET", `/queue/card/${id}/fresh${query()}`, { target: "#card-pane", swap: "innerHTML" });
}

let claimed, claimTimer;
function claim() {
  clearInterval(claimTimer);
  const id = card()?.dataset.status === "pending" ? card().dataset.id : "";
  if (!id && !claimed) return;
  const before = claimed && claimed !== id ? claimed : "";
  claimed = id;
  const beat = () => document.hidden || post("/queue/claim", { id, before }).catch(() => {});
  beat();
  claimTimer = setInterval(beat, CLAIM_MS);
}

// --- Keys, by the place of the key -----------------------------------------------------------------------

const isTyping = target => target.matches("input:not([type=checkbox], [type=radio]), textarea, select");

const KEYS = {
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyA: () => press("KeyA"),
  KeyE: () => press("KeyE"),
  KeyR: () => press("KeyR"),
  KeyW: () => press("KeyW"),
  KeyZ: () => ($("#toasts [data-undo]") ?? $("#card [data-undo]"))?.click(),
  KeyD: toggleDiff,
  KeyX: event => {
    const box = $(".row:has([aria-current]) input[name=item]") ?? ticks()[0];
    if (box) tick(box, !box.checked, event.shiftKey);
  },
  Slash: event => (event.shiftKey ? $("#help").showModal() : $("#q").focus()),
};

// While another card is on its way, a key would decide the one that is still there.
function press(code) {
  if ($("#card-pane").classList.contains("htmx-request")) return;
  $(`#card .actions:not([inert]) [data-key=${code}]`)?.click();
}

document.addEventListener("keydown", event => {
  const target = event.target, dialog = $("dialog[open]");
  if (event.code === "Enter" && (event.ctrlKey || event.metaKey) && target.closest("#editor")) {
    event.preventDefault();
    return press("KeyA");
  }
  if (event.code === "Escape" && !dialog) {
    if (target.closest("#editor")) return leaveEditor();
    if (isTyping(target)) return target.blur();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(target)) return;
  if (dialog) {
    const button = $(`[data-key=${event.code}]`, dialog);
    if (button) {
      event.preventDefault();
      button.click();
    }
    return;
  }
  if (KEYS[event.code] && $("#rows")) {
    event.preventDefault();
    KEYS[event.code](event);
  }
});

function leaveEditor() {
  const { subject, body } = fields();
  const isChanged = subject.value !== subject.dataset.original || body.value !== body.dataset.original;
  if (isChanged) save(editor().dataset.draft);
  else edit(false);
  document.activeElement.blur();
  $("#card-title").focus({ preventScroll: true });
}

// --- Clicks ---------------------------------------------------------------------------------------------

document.addEventListener("click", event => {
  const on = selector => event.target.closest(selector);
  let found;
  if ((found = on("[data-open]"))) document.getElementById(found.dataset.open)?.showModal();
  else if (on("[data-close]")) on("dialog").close();
  else if ((found = on("[data-remark]"))) addRemark(found.dataset.remark);
  else if (on("[data-next]")) openNext(card()?.dataset.id);
  else if (on("[data-copy]")) copyText();
  else if (on("#edit")) edit(!isEditing());
  else if (on("#show-diff")) toggleDiff();
  else if (on("#drop-edit")) dropEdit();
  else if (on("#select-all")) {
    for (const box of ticks()) box.checked = true;
    countTicks(true);
  } else if (on("#select-none")) {
    for (const box of ticks()) box.checked = false;
    $("#bulk-report").replaceChildren();
    countTicks();
  } else if ((found = on("input[name=item]"))) tick(found, found.checked, event.shiftKey);
});

function addRemark(text) {
  const area = $("#rewrite textarea");
  area.value = [area.value.trim(), text].filter(Boolean).join("\n");
  area.focus();
}

async function copyText() {
  const { subject, body } = fields();
  await navigator.clipboard.writeText(`${subject.value}\n\n${body.value}`);
  say(words.copied);
}

document.addEventListener("input", event => event.target.closest("#editor") && remember());

// A row says at once that its decision is on its way, and no more than that: what became of it the server says.
function markSending(id) {
  const chip = document.createElement("span");
  chip.className = "chip sending";
  chip.textContent = words.recording;
  rowOf(id)?.querySelector(".row-meta").prepend(chip);
}
const unmarkSending = id => rowOf(id)?.querySelector(".sending")?.remove();

// --- What htmx does ---------------------------------------------------------------------------------------

const subject = event => /^\/queue\/([\w.:-]+)\/(decide|undo)/.exec(event.detail.ctx?.request?.action ?? "")?.[1];

document.addEventListener("htmx:before:request", event => {
  const id = subject(event);
  if (id) mine.add(id);
  if (id && event.target.id === "decide") markSending(id);
  if (event.detail.ctx.request.action.startsWith("/queue/bulk")) for (const box of ticks()) if (box.checked) mine.add(box.value.split(":")[0]);
});
document.addEventListener("htmx:finally:request", () => setTimeout(() => mine.clear(), 0));
document.addEventListener("htmx:finally:request", event => {
  const id = subject(event);
  if (id) unmarkSending(id);
});
document.addEventListener("htmx:before:swap", event => {
  const answer = event.detail.ctx?.response;
  // Somebody began to write while the fresh card was on its way.
  if (event.detail.ctx?.request?.action?.includes("/fresh") && isBusy()) return event.preventDefault();
  if (answer && !answer.headers.get("content-type")?.startsWith("text/html")) {
    event.preventDefault();
    if (answer.status === 403) renew();
    else say(words.failed, true);
  }
});

// Whoever signed in again in another tab has another CSRF token: this page goes on with that one.
async function renew() {
  const me = await fetch("/api/v1/me").then(answer => answer.ok && answer.json()).catch(() => null);
  say(me ? words.again : words.failed, true);
  if (!me) return;
  document.body.dataset.csrf = me.csrf;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRF-Token": me.csrf }));
}
// Whoever's session has ended signs in over what they were doing.
async function signIn(form) {
  const options = { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" };
  const answer = await fetch("/login", { ...options, headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.type === "opaqueredirect") {
    form.reset();
    $("#signin").close();
    hush();
    listen();
    return renew();
  }
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  $("#signin-error").textContent = page?.querySelector("[role=alert]")?.textContent ?? words.failed;
}
document.addEventListener("submit", event => {
  if (event.target.id !== "signin-form") return;
  event.preventDefault();
  signIn(event.target);
});
document.addEventListener("htmx:error", event => {
  if (event.detail.ctx?.request?.method !== "GET") say(words.offlineSent, true);
});

document.addEventListener("decided", event => {
  const id = event.detail.id ?? event.detail.value;
  localStorage.removeItem(kept(id));
  for (const dialog of $$("dialog[open]")) dialog.close();
  if (card()?.dataset.id !== id) return;
  $("#card .actions")?.toggleAttribute("inert", true);
  // The decided row is on the screen before the next card is asked for.
  painted(() => card()?.dataset.id === id && openNext(id));
});
// What was asked in a dialog is answered there; a conflict is about the card, and closes it.
let isRefused = false;
document.addEventListener("refused", () => (isRefused = true));
document.addEventListener("htmx:finally:request", () => {
  if (!isRefused) return;
  isRefused = false;
  const place = $("dialog[open] [role=alert]"), why = $("#banner .banner.bad");
  if (place && why) {
    place.textContent = why.textContent.trim();
    return why.remove();
  }
  for (const dialog of $$("dialog[open]")) dialog.close();
});
document.addEventListener("undone", () => {
  settle();
  $("#card-title")?.focus({ preventScroll: true });
});
document.addEventListener("counted", event => ($("#count").textContent = event.detail.value));
document.addEventListener("bulked", event => {
  for (const box of ticks()) box.checked = false;
  countTicks();
  mine.clear();
  event.detail.ids.forEach(id => changed(id));
});

let shown;
function settle() {
  markCurrent();
  countTicks();
  for (const input of $$("#bulk [name=query], #save-view [name=query]")) input.value = query();
  const now = card();
  if (now === shown) return;
  shown = now;
  $(".desk")?.classList.toggle("picked", new URLSearchParams(location.search).has("id"));
  takeUpKept();
  claim();
}

document.addEventListener("htmx:after:swap", event => {
  const target = event.detail.ctx?.target;
  // Another card begins at its top, where the page scrolls and not the pane too; the same one stays as it is read.
  if (target?.id === "card-pane" && card()?.dataset.id !== shown?.dataset.id)
    for (const scrolled of [target, document.scrollingElement]) scrolled.scrollTop = 0;
  if (target?.id === "views") $("#save-view")?.close();
  settle();
});
document.addEventListener("htmx:after:history:push", settle);
document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
window.addEventListener("offline", () => online(false));
window.addEventListener("online", () => { hush(); listen(); });
window.addEventListener("pagehide", hush);

settle();
listen();
