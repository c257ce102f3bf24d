// What every page shares: talking to the server, messages, dialogs, keys, the palette, how the page looks.

const token = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** Ask the server; JSON in, JSON out. Throws an Error with the server's sentence, and `status` and `body` on it. */
export async function ask(method, address, body) {
  const headers = { "X-CSRF-Token": token };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const kind = answer.headers.get("Content-Type") ?? "";
  const value = kind.includes("json") ? await answer.json() : await answer.text();
  if (!answer.ok) {
    const said = typeof value === "object" ? value.detail : "";
    const error = new Error(typeof said === "string" && said ? said : `The server answered ${answer.status}.`);
    throw Object.assign(error, { status: answer.status, body: value });
  }
  return value;
}

/** A part of a page, freshly rendered by the server, put in the place of the one that is there. */
export async function renew(selector, address = location.href) {
  const answer = await fetch(address, { headers: { "X-Part": selector } });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const one of selector.split(",")) {
    const old = document.querySelector(one);
    const made = fresh.querySelector(one);
    if (old && made) old.replaceWith(document.adoptNode(made));
  }
}

let fading;
/** A sentence at the foot of the page; read out by screen readers. */
export function say(sentence, bad = false) {
  const toast = document.getElementById("toast");
  toast.textContent = sentence;
  toast.classList.toggle("bad", bad);
  toast.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { toast.hidden = true; }, bad ? 9000 : 3500);
}

/** An element from a tag, attributes and children; text is only ever text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A dialog with a form; resolves to its FormData, or null where it was left. `build` fills the form. */
export function form(title, build, confirm = "Save") {
  return new Promise((resolve) => {
    const body = make("form", { method: "dialog" });
    const dialog = make("dialog", { "aria-label": title }, body);
    body.append(make("h2", {}, title));
    build(body);
    body.append(make("div", { class: "ends" },
      make("button", { type: "button", onclick: () => dialog.close("") }, "Cancel ", make("kbd", {}, "Esc")),
      make("button", { class: "main", value: "yes" }, confirm)));
    // Enter in a text area means the form is done; Shift+Enter is a new line.
    body.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && event.target.tagName === "TEXTAREA") {
        event.preventDefault();
        body.requestSubmit(body.querySelector("button.main"));
      }
    });
    dialog.addEventListener("close", () => {
      const data = dialog.returnValue === "yes" ? new FormData(body) : null;
      dialog.remove();
      resolve(data);
    });
    document.body.append(dialog);
    dialog.showModal();
    (body.querySelector("[autofocus]") ?? body.querySelector("input, select, textarea, button"))?.focus();
  });
}

const keys = new Map();
/** Keys of this page: `{ j: next, Enter: accept }`. Not heard while somebody types or a dialog is open. */
export function onKeys(table) {
  for (const [key, act] of Object.entries(table)) keys.set(key, act);
}
export function typing(target) {
  return target.matches?.('input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable]');
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    palette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.matches("a, button, summary, input")) return;
  const act = keys.get(event.key);
  if (act) {
    event.preventDefault();
    act(event);
  }
});

onKeys({
  "?": () => document.getElementById("help").showModal(),
  "/": () => document.getElementById("search").focus(),
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (event.target.closest("[data-palette]")) palette();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// ---------------------------------------------------------------- typing ahead

/**
 * A field that offers options while one types (the ARIA combobox pattern). `find(text)` gives
 * [{ label, note, ... }]; `take(option, text)` is called with the one chosen, or with null and the text typed.
 */
export function combo(input, find, take, { list = null } = {}) {
  const options = list ?? make("ul", { class: "options", role: "listbox", id: `o${Math.random().toString(36).slice(2)}`, hidden: true });
  if (!list) input.after(options);
  for (const [name, value] of Object.entries({ role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": options.id, "aria-expanded": "false" })) input.setAttribute(name, value);
  let found = [];
  let at = -1;
  let asked = 0;
  let stale = false; // typed since the options were last looked up
  const show = () => {
    options.replaceChildren(...found.map((one, index) => {
      const item = make("li", { role: "option", id: `${options.id}-${index}`, "aria-selected": String(index === at) }, one.label, one.note ? make("small", {}, one.note) : null);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(index); });
      return item;
    }));
    options.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", `${options.id}-${at}`);
      options.children[at]?.scrollIntoView({ block: "nearest" });
      input.dispatchEvent(new CustomEvent("look", { detail: found[at] }));
    } else input.removeAttribute("aria-activedescendant");
  };
  const close = () => { found = []; at = -1; show(); };
  const choose = (index) => {
    const one = found[index] ?? null;
    const text = input.value;
    close();
    take(one, text);
  };
  const look = async () => {
    const mine = ++asked;
    const list = await find(input.value);
    if (mine !== asked) return; // a later key has been answered already
    stale = false;
    found = list;
    at = found.length ? 0 : -1;
    show();
  };
  let waiting;
  input.addEventListener("input", () => { stale = true; clearTimeout(waiting); waiting = setTimeout(look, 60); });
  input.addEventListener("keydown", async (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!found.length) { await look(); return; }
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
      show();
    } else if (event.key === "Enter" && (input.value || found.length)) {
      event.preventDefault();
      clearTimeout(waiting);
      const waited = input.value;
      if (stale) await look(); // typed quickly: let the answer to the last key arrive
      if (input.value === waited) choose(at);
    } else if (event.key === "Escape" && found.length) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 120));
  return { look, close };
}

// ---------------------------------------------------------------- the palette

let offered = [];
/** Things this page can do, for Ctrl+K: [{ label, note, act }]. */
export function offer(list) { offered = list; }

function palette() {
  if (document.querySelector("dialog[open]")) return;
  const input = make("input", { type: "search", "aria-label": "Go to or do", placeholder: "Go to a page, do something, or search the record" });
  const list = make("ul", { class: "options", role: "listbox", id: "palette-options" });
  const dialog = make("dialog", { class: "palette", "aria-label": "Palette" }, input, list);
  document.body.append(dialog);
  const pages = [...document.querySelectorAll(".bar nav a")].map((a) => ({ label: a.textContent.trim(), note: "page", act: () => { location.href = a.href; } }));
  const find = (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const held = [...offered, ...pages].filter((one) => words.every((word) => one.label.toLowerCase().includes(word)));
    if (text.trim()) held.push({ label: `Search the record for “${text.trim()}”`, note: "explore", act: () => { location.href = `/explore?q=${encodeURIComponent(text.trim())}`; } });
    return held;
  };
  const { look } = combo(input, find, (one) => { dialog.close(); one?.act(); }, { list });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  input.focus();
  look();
}

// ---------------------------------------------------------------- how the page looks

function prefer(name, value) {
  document.documentElement.dataset[name] = value;
  document.cookie = `mahdar_${name}=${value}; Path=/; Max-Age=31536000; SameSite=Strict`;
}
for (const field of document.querySelectorAll("[data-prefers]")) {
  const name = field.dataset.prefers;
  field.addEventListener("change", () => prefer(name, field.type === "checkbox" ? (field.checked ? "on" : "off") : field.value));
}
for (const field of document.querySelectorAll("form[data-sends] select")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}
// A form that would send empty fields leaves them out, so that the address stays short.
for (const one of document.querySelectorAll("form[method=get]")) {
  one.addEventListener("submit", () => { for (const field of one.elements) if (field.name && !field.value) field.disabled = true; });
}
// What cannot be taken back is asked once more.
document.addEventListener("submit", (event) => {
  const asked = event.target.dataset.asks;
  if (asked && !confirm(asked)) event.preventDefault();
  else if (event.target.dataset.says) say(event.target.dataset.says);
});

// Graphic words are folded on wish; one click or Enter shows them.
document.addEventListener("click", (event) => event.target.closest(".graphic")?.classList.add("shown"));

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  if (time.dateTime.length > 10 && !Number.isNaN(+moment)) { time.title = time.textContent; time.textContent = when.format(moment); }
}
