// The coding page: the report at left, its claims at right, everything by keyboard.

import { editor, reportWords, takeSelection, typesLike } from "./editor.js";
import { ask, combo, form, make, offer, onKeys, renew, say, typing } from "./page.js";
import * as words from "./words.js";

let data = JSON.parse(document.getElementById("data").textContent);
let current = null; // the id of the claim one stands on
const may = data.may;

const cards = () => [...document.querySelectorAll(".claim")];
const card = (id = current) => document.querySelector(`.claim[data-id="${id}"]`);
const claim = (id = current) => data.claims.find((one) => one.id === id);

// ---------------------------------------------------------------- where one stands

function stand(id, { jump = true } = {}) {
  current = id;
  for (const one of cards()) {
    const here = one.dataset.id === id;
    one.classList.toggle("current", here);
    if (here) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
  }
  for (const mark of document.querySelectorAll("#text mark")) {
    const keys = mark.dataset.k.split(" ").map((key) => key.split(":"));
    const slots = keys.filter(([of]) => of === id).map(([, slot]) => slot);
    mark.className = ["evidence", ...(slots.length ? ["in", ...slots.filter((slot) => slot !== "evidence")] : [])].join(" ");
    if (keys.some(([, slot]) => slot === "graphic")) mark.classList.add("graphic");
  }
  words.show(null);
  if (!jump || !id) return;
  card()?.scrollIntoView({ block: "nearest" });
  const first = claim()?.evidence[0];
  if (first) lookAt(first.start);
  card()?.focus({ preventScroll: true });
}

function lookAt(start) {
  const frame = document.querySelector(".report");
  const piece = [...document.querySelectorAll("#text [data-o]")].findLast((one) => Number(one.dataset.o) <= start);
  if (!piece) return;
  const [box, view] = [piece.getBoundingClientRect(), frame.getBoundingClientRect()];
  if (box.top < view.top + 30 || box.bottom > view.bottom - 60) frame.scrollBy({ top: box.top - view.top - view.height / 4 });
}

function step(by) {
  const ids = cards().map((one) => one.dataset.id);
  if (!ids.length) return;
  const at = ids.indexOf(current);
  stand(ids[at < 0 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by))]);
}

/** Onward to the next claim that nobody has decided on; where there is none, say so. */
function onward(from) {
  const ids = cards().map((one) => one.dataset.id);
  const at = Math.max(0, ids.indexOf(from));
  const left = [...ids.slice(at), ...ids.slice(0, at)].find((id) => claim(id)?.review === "suggested");
  stand(left ?? (ids.includes(from) ? from : ids[at] ?? null));
  if (!left) say("Every claim of this report is decided.  ] goes to the next report.");
}

// ---------------------------------------------------------------- what one does

/** Tell the server, show what came of it. A claim that somebody else changed meanwhile is shown beside one's own. */
async function act(path, body, said, then) {
  try {
    const answer = await ask("POST", `${data.base}${path}`, body);
    await renew("#claims,#text,#data,#state");
    data = JSON.parse(document.getElementById("data").textContent);
    if (said) say(said);
    then?.(answer);
    return true;
  } catch (error) {
    if (error.status !== 409) say(error.message, true);
    else await conflict(error, body);
    return false;
  }
}

async function conflict(error, mine) {
  const theirs = error.body.present;
  const again = await form("Somebody else changed this claim", (body) => {
    body.append(make("p", {}, error.message), make("h3", {}, "Theirs"), make("pre", { class: "small" }, theirs ? summary(theirs) : "no longer there"), make("h3", {}, "Yours, not saved"),
      make("pre", { class: "small" }, JSON.stringify(mine.change ?? mine, null, 1)));
  }, "Show theirs");
  if (!again) return;
  await renew("#claims,#text,#data,#state");
  data = JSON.parse(document.getElementById("data").textContent);
  const draft = drafts.get(current);
  if (draft && claim()) draft.version = claim().version; // who has seen theirs may save their own over it
  stand(current);
}

function summary(value) {
  const list = (slot) => (value[slot] ?? []).map((one) => one.text).join("; ");
  return [`${value.type} (${value.status})`, `when: ${value.time.start ?? "…"} to ${value.time.end ?? "…"}`, `who: ${list("actors")}`, `to whom: ${list("targets")}`, `where: ${list("places")}`, `figures: ${value.figures.map((f) => `${f.what} ${f.low ?? ""}–${f.high ?? ""}`).join("; ")}`, `source: ${list("sources")}`].join("\n");
}

const seen = (id = current) => ({ version: claim(id).version });
const here = (wanted) => may[wanted] && claim();

function accept() {
  if (!here("decide")) return;
  const id = current;
  act(`/claims/${id}/accept`, seen(), "Accepted.", () => onward(id));
}

async function reject() {
  if (!here("decide")) return;
  const id = current;
  const given = await form("Not coded because …", (body) => {
    reasons(body, data.reasons.claim);
  }, "Reject");
  if (given) act(`/claims/${id}/reject`, { ...seen(id), why: why(given) }, "Rejected.", () => onward(id));
}

function reasons(body, list) {
  const choices = make("div", { class: "choices", role: "radiogroup", "aria-label": "Reason" },
    ...list.map((reason, index) => make("label", {}, make("input", { type: "radio", name: "reason", value: reason, checked: index === 0 }), make("kbd", {}, String(index + 1)), reason)));
  body.append(choices, make("label", {}, "In your words", make("textarea", { name: "more", rows: 2 })));
  body.addEventListener("keydown", (event) => {
    const number = Number(event.key);
    if (typing(event.target) || !(number >= 1 && number <= list.length)) return;
    const chosen = choices.querySelectorAll("input")[number - 1];
    chosen.checked = true;
    chosen.focus();
  });
}
const why = (given) => [given.get("reason"), given.get("more")?.trim()].filter(Boolean).join(": ");

const drafts = new Map(); // by claim, what is being edited: leaving an editor loses nothing

function edit() {
  if (!here("decide")) return;
  const id = current;
  const held = card(id);
  if (held.querySelector(".editor")) return;
  const body = held.querySelector(".claim-body");
  const kept = [...body.childNodes];
  const known = drafts.get(id);
  const draft = known ?? editor(claim(id), async (change, reason) => {
    if (!Object.keys(change).length) { draft.leave(); say("Nothing was changed."); return; }
    if (await act(`/claims/${id}/edit`, { version: draft.version, change, why: reason }, "Saved.", () => stand(id))) drafts.delete(id);
  }, () => draft.leave());
  draft.leave = () => {
    body.replaceChildren(...kept);
    words.show(null);
    held.focus();
    if (draft.changed()) say("Not saved, and not lost: e takes it up again.");
    else drafts.delete(id);
  };
  draft.version ??= claim(id).version; // what it was begun from, so that a change by somebody else in between is told
  drafts.set(id, draft);
  body.replaceChildren(draft);
  if (known) draft.begin();
}

addEventListener("beforeunload", (event) => { if ([...drafts.values()].some((draft) => draft.changed())) event.preventDefault(); });

async function merge() {
  if (!here("decide")) return;
  const id = current;
  const others = data.claims.filter((one) => one.id !== id && one.review !== "rejected");
  if (!others.length) { say("There is no other claim to merge with.", true); return; }
  const given = await form("Merge into this claim", (body) => {
    body.append(make("p", { class: "quiet" }, `${claim().label}: “${claim().trigger.text}”. The others become “not coded: the same event”.`),
      make("div", { class: "choices" }, ...others.map((one) => make("label", {}, make("input", { type: "checkbox", name: "with", value: one.id }), `${one.number}  ${one.label}: “${one.trigger.text}”`))));
  }, "Merge");
  const chosen = given?.getAll("with") ?? [];
  if (chosen.length) act("/merge", { claims: [id, ...chosen].map((one) => ({ id: one, version: claim(one).version })) }, "Merged.", () => stand(id));
}

async function split() {
  if (!here("decide")) return;
  const id = current;
  const one = claim();
  const slots = [["evidence", "Evidence"], ["actors", "Actors"], ["targets", "Targets"], ["places", "Places"], ["figures", "Figures"]];
  const given = await form("Split: what goes to a second claim", (body) => {
    body.append(make("label", { class: "field" }, make("span", {}, "Type of the second claim"), make("select", { name: "type" }, ...data.types.map((t) => make("option", { value: t.code, selected: t.code === one.type }, t.label)))));
    const list = make("div", { class: "choices" });
    for (const [slot, label] of slots) one[slot].forEach((value, index) => list.append(make("label", {}, make("input", { type: "checkbox", name: slot, value: index }), make("span", { class: "quiet small" }, label), value.text)));
    body.append(list, make("p", { class: "quiet small" }, "What is not ticked stays in both claims."));
  }, "Split");
  if (!given) return;
  const part = { type: given.get("type") };
  for (const [slot] of slots) part[slot] = given.getAll(slot).map(Number);
  act(`/claims/${id}/split`, { ...seen(id), part }, "Split in two.", (answer) => stand(answer.claims.at(-1)));
}

function duplicate() {
  if (!here("decide")) return;
  act(`/claims/${current}/duplicate`, seen(), "Duplicated: now edit the copy.", (answer) => { stand(answer.claims.at(-1)); edit(); });
}

function undo() {
  if (!may.decide) return;
  act("/undo", {}, null, (answer) => { say(answer.said); stand(answer.claims[0] ?? current); });
}

async function add() {
  if (!may.decide) return;
  let trigger = words.selected();
  let code = null;
  const given = await form("Add a claim that is missing", (body) => {
    const said = make("p", { dir: "auto" });
    const show = () => { said.textContent = trigger ? `“${words.text(trigger.start, trigger.end)}”` : "no words yet"; if (trigger) words.show(trigger); };
    const input = make("input", { "aria-label": "Words that name the event", placeholder: "type the words that name the event", autofocus: !trigger });
    const first = make("div", { class: "combo" }, input);
    combo(input, reportWords(0), (one) => { if (one) { trigger = one; input.value = ""; show(); second.querySelector("input").focus(); } });
    input.addEventListener("look", (event) => words.show(event.detail));
    const type = make("input", { "aria-label": "Event type", placeholder: "event type", autofocus: Boolean(trigger) });
    const second = make("div", { class: "combo" }, type);
    combo(type, typesLike,
      (one) => { if (one) { code = one.code; type.value = one.label; body.querySelector("button.main").focus(); } });
    body.append(make("label", { class: "field" }, make("span", {}, "Words"), first), said, make("label", { class: "field" }, make("span", {}, "Type"), second));
    show();
  }, "Add");
  if (!given) { words.show(null); return; }
  if (!trigger || !code) { say("A claim needs words and a type.", true); return; }
  act("/claims", { type: code, trigger: { text: words.text(trigger.start, trigger.end), start: trigger.start } }, "Added: now fill its slots.", (answer) => { stand(answer.claims[0]); edit(); });
}

async function nothing() {
  if (!may.decide) return;
  const given = await form("This report: not coded because …", (body) => reasons(body, data.reasons.report), "Not coded");
  if (given) act("/not-coded", { version: data.version, why: why(given) }, "The report is put down as not coded.", () => stand(current));
}

async function comment() {
  if (!may.comment) return;
  const id = current;
  const given = await form("Comment", (body) => body.append(make("textarea", { name: "text", "aria-label": "Comment", autofocus: true })), "Comment");
  const text = given?.get("text")?.trim();
  if (text) act("/comments", { claim: id, text }, "Commented.", () => stand(id, { jump: false }));
}

async function finish() {
  const given = await form("Hand in your coding", (body) => body.append(make("p", {}, "Once handed in, it is compared with the other coder’s and you cannot change it.")), "Hand in");
  if (given) { await act("/finish", { version: data.version }, null, () => { location.href = "/double"; }); }
}

/** The codebook's rule for the field one is in, or for the claim's type. */
function rule() {
  const label = document.activeElement?.closest?.(".editor > *");
  const row = label?.matches?.(".label") ? label : label?.previousElementSibling;
  const name = row?.dataset?.rule || "type";
  const dialog = document.getElementById("rule");
  const type = data.types.find((t) => t.code === claim()?.type);
  dialog.querySelector("h2").textContent = data.rules[name].title;
  dialog.querySelector("p:not(.of-type)").textContent = data.rules[name].text;
  dialog.querySelector(".of-type").textContent = name === "type" && type ? `${type.label} (${type.event})` : "";
  dialog.showModal();
}

const go = (selector) => { const link = document.querySelector(selector); if (link) location.href = link.href; else say("There is no further report in this queue."); };

const table = {
  j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
  Enter: accept, x: reject, e: edit, m: merge, s: split, d: duplicate, u: undo, a: add, n: nothing, c: comment,
  "]": () => go("#next"), "[": () => go("#previous"), r: rule,
};
onKeys(table);
document.addEventListener("keydown", (event) => { if (event.key === "F1") { event.preventDefault(); rule(); } });
const doable = { "Accept the claim": accept, "Reject with a reason": reject, "Edit the claim": edit, "Merge claims": merge, "Split the claim": split, "Duplicate the claim": duplicate, "Undo the last decision": undo, "Add a missed claim": add, "Report: not coded because …": nothing, Comment: comment };
offer([...Object.entries(doable).map(([label, act]) => ({ label, note: "this report", act })), { label: "Next report", note: "queue", act: table["]"] }, { label: "The codebook’s rule", note: "help", act: rule }]);

document.addEventListener("click", (event) => {
  const cell = event.target.closest(".cell[data-at]");
  const held = event.target.closest(".claim");
  const button = event.target.closest("[data-act]");
  if (button) {
    if (held && held.dataset.id !== current) stand(held.dataset.id, { jump: false });
    ({ accept, reject, edit, merge, split, duplicate, undo, add, nothing, comment, finish, rule })[button.dataset.act]();
  } else if (cell) {
    if (held.dataset.id !== current) stand(held.dataset.id, { jump: false });
    const [start, end] = cell.dataset.at.split("-").map(Number);
    words.show({ start, end });
  } else if (held && held.dataset.id !== current) stand(held.dataset.id, { jump: false });
});

const text = document.querySelector(".report");
text.addEventListener("mouseup", () => {
  const span = words.selected();
  if (span && takeSelection(span)) getSelection().removeAllRanges();
});
text.addEventListener("click", (event) => {
  const mark = event.target.closest("mark");
  if (!mark || words.selected()) return;
  const ids = mark.dataset.k.split(" ").map((key) => key.split(":")[0]).filter((id) => claim(id));
  if (!ids.length) return;
  const next = ids[(ids.indexOf(current) + 1) % ids.length]; // a word of several claims: one after the other
  stand(ids.includes(current) && ids.length === 1 ? current : next, { jump: false });
  card()?.scrollIntoView({ block: "nearest" });
});

const wanted = location.hash.slice(1);
stand(claim(wanted) ? wanted : data.claims.find((one) => one.review === "suggested")?.id ?? data.claims[0]?.id ?? null);
