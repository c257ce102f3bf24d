// One incident: accept, reject, merge, split, comment.

import { ask, combo, form, make, onKeys, say } from "./page.js";
import { REACH, colour, townNames, worldMap } from "./placemap.js";

const acts = document.getElementById("acts");
const id = acts?.dataset.id;
const version = () => Number(acts.dataset.version);

async function tell(verb, body) {
  try {
    const answer = await ask("POST", `/api/v1/incidents/${id}/${verb}`, { version: version(), ...body });
    location.href = `/incidents/${answer.claims[0]}`;
    if (answer.claims[0] === id) location.reload();
  } catch (error) { say(error.message, true); }
}

const may = (verb) => acts?.querySelector(`[data-act="${verb}"]`);
async function written(title, verb) {
  if (!may(verb)) return;
  const given = await form(title, (body) => body.append(make("textarea", { name: "why", "aria-label": "Why", required: true, autofocus: true })), "Keep");
  if (given?.get("why").trim()) tell(verb === "comment" ? "comments" : verb, { why: given.get("why").trim() });
}

async function merge() {
  if (!may("merge")) return;
  const chosen = new Map();
  const given = await form("The same event as …", (body) => {
    const input = make("input", { "aria-label": "Find another incident", placeholder: "words, a place, a type, or an id", autofocus: true });
    const list = make("div", { class: "choices" });
    const box = make("div", { class: "combo" }, input);
    combo(input, async (typed) => {
      if (!typed.trim()) return [];
      const answer = await ask("GET", `/api/v1/search?find=incidents&limit=12&q=${encodeURIComponent(typed)}`).catch(() => ({ items: [] }));
      const found = answer.items.filter((one) => one.id !== id).map((one) => ({ label: `${one.label} · ${one.places.map((p) => p.name ?? p.text).join("; ") || "no place"}`, note: `${one.time.start ?? one.time.end ?? "no date"} · ${one.reports.length} reports · ${one.id}`, id: one.id }));
      return /^[\w-]{8,}$/.test(typed.trim()) ? [...found, { label: typed.trim(), note: "by its id", id: typed.trim() }] : found;
    }, (one) => {
      if (!one || chosen.has(one.id)) return;
      chosen.set(one.id, one);
      list.append(make("label", {}, make("input", { type: "checkbox", name: "other", value: one.id, checked: true }), `${one.label} (${one.note})`));
      input.value = "";
    });
    body.append(box, list, make("label", { class: "field" }, make("span", {}, "Why"), make("input", { name: "why" })));
  }, "Merge");
  const others = given?.getAll("other") ?? [];
  if (others.length) tell("merge", { others, why: given.get("why").trim() });
}

async function split() {
  if (!may("split")) return;
  const given = await form("Which claims are another event?", (body) => {
    const list = make("div", { class: "choices" });
    for (const held of document.querySelectorAll(".of-claim")) {
      const outlet = held.closest("article").querySelector("p").textContent.trim();
      list.append(make("label", {}, make("input", { type: "checkbox", name: "claim", value: held.dataset.claim }), `${outlet}: ${held.querySelector(".quote").textContent.slice(0, 140)}`));
    }
    body.append(list, make("label", { class: "field" }, make("span", {}, "Why"), make("input", { name: "why" })));
  }, "Split");
  const claims = given?.getAll("claim") ?? [];
  if (claims.length) tell("split", { claims, why: given.get("why").trim() });
}

const verbs = { accept: () => may("accept") && tell("accept", {}), reject: () => written("Not coded because …", "reject"), merge, split, undo: () => may("undo") && tell("undo", {}), comment: () => written("Comment", "comment") };
onKeys({ Enter: verbs.accept, x: verbs.reject, m: merge, s: split, u: verbs.undo, c: verbs.comment });
acts?.addEventListener("click", (event) => { const button = event.target.closest("[data-act]"); if (button) verbs[button.dataset.act](); });

const element = document.getElementById("map");
if (element) {
  const { lat, lon, precision } = element.dataset;
  const map = worldMap(element, { controls: false });
  map.setView([+lat, +lon], precision === "3" ? 6 : 8);
  townNames(map);
  if (REACH[precision]) L.circle([+lat, +lon], { radius: REACH[precision], weight: 1, color: colour("--place") }).addTo(map);
  L.circleMarker([+lat, +lon], { radius: 6, color: colour("--place"), fillOpacity: 0.6 }).addTo(map);
}
