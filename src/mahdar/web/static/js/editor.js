// The editor of one claim: a field a slot, in the order of ACLED's columns. Every value is words of the report.

import { ask, combo, make, say } from "./page.js";
import { smallMap } from "./placemap.js";
import * as words from "./words.js";

const data = JSON.parse(document.getElementById("data").textContent);
const PRECISIONS = { time: ["", "1 the day", "2 the week", "3 the month", "4 the year or longer"], place: ["", "1 the settlement or site", "2 near it, or part of it", "3 region or country"] };

let field = null; // the adder that had the focus last: selected words go there

/** Words selected with the mouse go to the field that was last looked at. True where one took them. */
export function takeSelection(span) {
  if (!field?.isConnected) return false;
  field.dispatchEvent(new CustomEvent("words", { detail: span }));
  return true;
}

/** Options for words typed: the stretches of the report that begin so, nearest to the trigger first. */
export function reportWords(near) {
  return (typed) => words.find(typed, near, 4).flatMap((span) => words.longer(span)).map((span) => ({
    ...span,
    label: words.text(span.start, span.end),
    note: `… ${words.text(Math.max(0, span.start - 28), span.start)}[…]${words.text(span.end, span.end + 28)} …`.replaceAll("\n", " "),
  }));
}

/** Event types for what is typed: by code, then by the beginning of a label, then by any part of it. */
export function typesLike(typed) {
  const wanted = typed.toLowerCase().trim();
  const code = wanted.replaceAll(/[\s/]+/g, "_");
  const rank = (t) => (t.code === code ? 0 : t.code.startsWith(code) ? 1 : t.label.toLowerCase().startsWith(wanted) ? 2
    : t.code.split("_").some((part) => part.startsWith(wanted)) ? 3 : t.label.toLowerCase().includes(wanted) ? 4 : 9);
  return data.types.map((t) => [rank(t), t]).filter(([n]) => n < 9).sort(([a], [b]) => a - b)
    .map(([, t]) => ({ label: t.label, note: `${t.code} · ${t.event}`, code: t.code }));
}

/** A field that takes words of the report; `take({ text, start })`. */
export function wordsField(label, near, take, placeholder = "type words of the report, or select them") {
  const input = make("input", { "aria-label": label, placeholder });
  const box = make("div", { class: "combo" }, input);
  const give = (span) => { words.show(span, { into: false }); take({ text: words.text(span.start, span.end), start: span.start }); input.value = ""; };
  combo(input, reportWords(near), (one, typed) => {
    if (one) give(one);
    else say(`The report does not say “${typed}”: select the words that do.`, true);
  });
  input.addEventListener("look", (event) => words.show(event.detail));
  input.addEventListener("focus", () => { field = input; });
  input.addEventListener("words", (event) => give(event.detail));
  return box;
}

function select(label, choices, value, onchange) {
  const element = make("select", { "aria-label": label }, ...choices.map(([code, shown]) => make("option", { value: code, selected: String(value ?? "") === String(code) }, shown)));
  if (onchange) element.addEventListener("change", () => onchange(element.value));
  return element;
}

/** A list of values as chips with a field that adds to it. `chip(value, again)` gives what stands in a chip. */
function slot(name, label, values, near, chip, made) {
  const box = make("div", { class: "slot", "data-slot": name });
  const adder = wordsField(`Add: ${label}`, near, (value) => { values.push(made(value)); draw(); adder.querySelector("input").focus(); });
  const draw = () => {
    box.replaceChildren(...values.map((value, index) => {
      const text = make("span", { class: "grow", dir: "auto" }, value.text);
      text.addEventListener("mouseenter", () => words.show({ start: value.start, end: value.start + [...value.text].length }, { into: false }));
      const again = () => { draw(); box.children[index].querySelector("button.plain").focus(); };
      return make("div", { class: `chip ${name}` }, text, ...chip(value, again),
        make("button", { type: "button", "aria-label": `Remove ${value.text}`, title: "Remove", onclick: () => { values.splice(index, 1); draw(); adder.querySelector("input").focus(); } }, "×"));
    }), adder);
  };
  draw();
  return box;
}

/** A button that says what a value means in a register, and becomes a field to choose another meaning. */
function meaning(value, shown, find, take, again) {
  const button = make("button", { type: "button", class: "plain", title: "Choose what it means" }, shown || "not in the register");
  button.addEventListener("click", () => {
    const input = make("input", { "aria-label": `What “${value.text}” means`, value: value.text });
    const box = make("span", { class: "combo grow" }, input);
    const { look } = combo(input, find, (one) => { if (one) take(one); again(); });
    input.addEventListener("look", (event) => smallMap.look(event.detail));
    input.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); again(); } });
    button.replaceWith(box);
    input.select();
    input.focus();
    look();
  });
  return button;
}

const dated = (iso) => (iso ?? "");

/** The editor over one claim; `save(change)` gets what changed; `leave()` is called where nothing is to be
 * saved now. The form itself says whether something is `changed()`, and is begun anew by `begin()`. */
export function editor(claim, save, leave) {
  const near = claim.trigger.start;
  const held = structuredClone(claim);
  const form = make("form", { class: "editor", "aria-label": "Edit the claim" });
  const row = (label, element, rule) => form.append(make("span", { class: "label", "data-rule": rule ?? "" }, label), element);

  // event_date, time_precision
  const start = make("input", { "aria-label": "From (day, month or year)", value: dated(held.time.start), placeholder: "2024-03-12", size: 10, pattern: "\\d{4}(-\\d\\d(-\\d\\d)?)?" });
  const end = make("input", { "aria-label": "To (day, month or year)", value: dated(held.time.end), placeholder: "2024-03-12", size: 10, pattern: "\\d{4}(-\\d\\d(-\\d\\d)?)?" });
  const precision = select("Time precision", PRECISIONS.time.map((shown, code) => [code || "", shown || "as the dates say"]), held.time.precision);
  const said = make("span", { class: "quiet small", dir: "auto" }, held.time.text ? `“${held.time.text}”` : "no words");
  const when = wordsField("Words that say when", near, (value) => { held.time.text = value.text; held.time.offset = value.start; said.textContent = `“${value.text}”`; }, "words that say when");
  row("Date", make("div", { class: "slot" }, make("div", { class: "row" }, start, " to ", end, precision), said, when), "time");

  // event_type, sub_event_type
  const type = make("input", { "aria-label": "Event type", value: held.type, required: true });
  const types = make("div", { class: "combo" }, type);
  const meant = make("span", { class: "quiet small" });
  const called = () => { const one = data.types.find((t) => t.code === type.value); meant.textContent = one ? `${one.event} / ${one.label}` : "no such type yet"; };
  combo(type, typesLike, (one, typed) => { type.value = one?.code ?? typed; called(); });
  type.addEventListener("input", called);
  called();
  row("Type", make("div", { class: "slot" }, types, meant), "type");

  const actor = (slotName, label) => slot(slotName, label, held[slotName], near,
    (value, again) => [meaning(value, value.name, async (typed) => (await ask("GET", `/api/v1/actors?q=${encodeURIComponent(typed)}&country=${data.country ?? ""}&limit=10`)).items.map((one) => ({ label: one.name, note: [one.kind, one.countries.join(" "), one.active].filter(Boolean).join(" · "), id: one.id })), (one) => { value.actor_id = one.id; value.name = one.label; }, again)],
    (value) => ({ ...value, actor_id: null, name: null }));
  row("Actor 1", actor("actors", "who did it"), "actors");
  row("Actor 2 / target", actor("targets", "to whom or what"), "targets");

  // location, latitude, longitude, geo_precision
  const map = make("div", { class: "placemap", role: "img", "aria-label": "Map of the places of this claim" });
  const drawn = () => smallMap.points(map, held.places);
  const places = slot("places", "where", held.places, near, (value, again) => [
    select("Role of the place", [["at", "at"], ["from", "from"], ["to", "to"]], value.role, (role) => { value.role = role; }),
    meaning(value, [value.name, value.country].filter(Boolean).join(", "), async (typed) => {
      const answer = await ask("GET", `/api/v1/places?q=${encodeURIComponent(typed)}&country=${value.country ?? data.country ?? ""}&limit=10`);
      const own = (value.candidates ?? []).filter((one) => one.name.toLowerCase().startsWith(typed.toLowerCase()) || typed === value.text);
      return [...own, ...answer.items].map((one) => ({ label: one.name, note: [one.kind, one.within, one.country, one.lat?.toFixed(3), one.lon?.toFixed(3)].filter(Boolean).join(" · "), ...one }));
    }, (one) => { Object.assign(value, { gazetteer_id: one.gazetteer_id, name: one.label, country: one.country, lat: one.lat, lon: one.lon, precision: null }); drawn(); }, again),
    select("Precision of the place", PRECISIONS.place.map((shown, code) => [code || "", shown ? String(code) : "–"]), value.precision, (code) => { value.precision = code ? Number(code) : null; }),
  ], (value) => ({ ...value, role: "at", gazetteer_id: null, name: null, candidates: [] }));
  const geo = select("Geo precision", PRECISIONS.place.map((shown, code) => [code || "", shown || "as the places say"]), held.geo_precision);
  row("Place", make("div", { class: "slot" }, places, geo, map), "places");
  row("Source", actor("sources", "who says so"), "sources");

  // notes: the evidence; fatalities and the other figures
  row("Evidence", slot("evidence", "evidence", held.evidence, near, () => [], (value) => value), "evidence");
  row("Figures", slot("figures", "how many", held.figures, near, (value) => {
    const number = (which, label) => { const input = make("input", { type: "number", min: 0, "aria-label": label, placeholder: label, value: value[which] ?? "" }); input.addEventListener("input", () => { value[which] = input.value === "" ? null : Number(input.value); }); return input; };
    return [select("What is counted", data.figures.map((code) => [code, code]), value.what, (what) => { value.what = what; }), number("low", "at least"), number("high", "at most")];
  }, (value) => { const count = Number(/\d[\d,]*/.exec(value.text)?.[0].replaceAll(",", "")); return { ...value, what: "killed", low: Number.isFinite(count) ? count : null, high: Number.isFinite(count) ? count : null }; }), "figures");
  const status = select("Status", data.statuses.map((code) => [code, code]), held.status);
  const scope = select("Scope", [["event", "event: one happening"], ["total", "total: a sum over many"]], held.scope);
  row("Status", make("div", { class: "row" }, status, scope), "status");
  const trigger = make("span", { class: "small", dir: "auto" }, `“${held.trigger.text}”`);
  row("Trigger", make("div", { class: "slot" }, trigger, wordsField("Words that name the event", near, (value) => { held.trigger = value; trigger.textContent = `“${value.text}”`; }, "words that name the event")), "trigger");
  const agreed = make("span", { class: "small", dir: "auto" });
  const agreement = (value) => { held.agreement = value; agreed.replaceChildren(value ? `“${value.text}” ` : "none ", value ? make("button", { type: "button", class: "plain", "aria-label": "Remove the agreement", onclick: () => agreement(null) }, "×") : ""); };
  agreement(held.agreement);
  row("Agreement", make("div", { class: "slot" }, agreed, wordsField("The agreement named", near, agreement, "the agreement named")), "agreement");

  const why = make("input", { "aria-label": "Why (optional)", placeholder: "Why (optional)", class: "grow" });
  form.append(make("div", { class: "ends" }, why,
    make("button", { type: "button", onclick: leave }, "Leave ", make("kbd", {}, "Esc")),
    make("button", { class: "main" }, "Save ", make("kbd", {}, "Ctrl Enter"))));

  const change = () => {
    const now = {
      type: type.value.trim(), scope: scope.value, status: status.value,
      time: { start: start.value.trim() || null, end: end.value.trim() || null, precision: precision.value ? Number(precision.value) : null, text: held.time.text ?? null, offset: held.time.text ? held.time.offset : null },
      trigger: words1(held.trigger), agreement: held.agreement ? words1(held.agreement) : null, evidence: held.evidence.map(words1),
      places: held.places.map((p) => ({ ...words1(p), role: p.role, gazetteer_id: p.gazetteer_id ?? null, precision: p.precision ?? null })),
      figures: held.figures.map((f) => ({ ...words1(f), what: f.what, low: f.low, high: f.high, source: f.source ?? null })),
    };
    for (const name of ["actors", "targets", "sources"]) now[name] = held[name].map((a) => ({ ...words1(a), actor_id: a.actor_id ?? null }));
    if (geo.value) now.geo_precision = Number(geo.value);
    return now;
  };
  const before = JSON.stringify(change());
  const given = () => {
    const [now, then] = [change(), JSON.parse(before)];
    return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(then[name])));
  };
  form.changed = () => Object.keys(given()).length > 0;
  form.addEventListener("submit", (event) => { event.preventDefault(); save(given(), why.value.trim()); });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
    else if (event.key === "Escape") { event.preventDefault(); leave(); }
    else if (event.key === "Enter" && event.target.matches("input")) event.preventDefault(); // Enter in a field is not Save
  });
  form.begin = () => requestAnimationFrame(() => { drawn(); form.querySelector("input").focus(); });
  form.begin();
  return form;
}

const words1 = ({ text, start }) => ({ text, start });
