// The report's text on the page: offsets of Python (code points) to and from what stands on the screen.

const sheet = () => document.getElementById("text"); // the server renews it

/** The report's text as one string of code points, so that `points[i]` is the i-th character as Python counts. */
export const points = [...(JSON.parse(document.getElementById("data")?.textContent ?? "{}").text ?? "")];
const lower = points.map((c) => { const small = c.toLowerCase(); return [...small].length === 1 ? small : c; });

export const text = (start, end) => points.slice(start, end).join("");

/** Where `wanted` stands, whatever its case, nearest to `near` first; each stretched to the end of its last word. */
export function find(wanted, near = 0, most = 8) {
  const needle = [...wanted.trim().toLowerCase()];
  if (!needle.length) return [];
  const found = [];
  for (let start = 0; start + needle.length <= lower.length; start += 1) {
    if (start > 0 && isWord(points[start - 1]) && isWord(points[start])) continue; // words begin at their beginning
    if (needle.every((c, i) => lower[start + i] === c)) {
      let end = start + needle.length;
      while (end < points.length && isWord(points[end]) && isWord(points[end - 1])) end += 1;
      found.push({ start, end });
    }
  }
  found.sort((a, b) => Math.abs(a.start - near) - Math.abs(b.start - near));
  return found.slice(0, most);
}

/** The same stretch and those that go on for one to `more` further words of its clause. */
export function longer({ start, end }, more = 5) {
  const out = [{ start, end }];
  let at = end;
  for (let count = 0; count < more; count += 1) {
    let next = at;
    while (next < points.length && (points[next] === " " || points[next] === "-" || points[next] === "’" || points[next] === "'")) next += 1;
    if (next === at || next >= points.length || !isWord(points[next])) break;
    at = next;
    while (at < points.length && isWord(points[at])) at += 1;
    out.push({ start, end: at });
  }
  return out;
}

const isWord = (c) => /[\p{L}\p{N}]/u.test(c);

/** What is selected on the page within the text, trimmed, as `{ start, end }`, or null. */
export function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!sheet().contains(range.startContainer) || !sheet().contains(range.endContainer)) return null;
  let start = offset(range.startContainer, range.startOffset);
  let end = offset(range.endContainer, range.endOffset);
  if (start === null || end === null) return null;
  while (start < end && /\s/.test(points[start])) start += 1;
  while (end > start && /\s/.test(points[end - 1])) end -= 1;
  return start < end ? { start, end } : null;
}

function offset(node, inside) {
  if (node.nodeType === Node.ELEMENT_NODE) {
    const piece = node.childNodes[inside]?.closest?.("[data-o]") ?? node.childNodes[inside - 1] ?? node;
    const held = piece.matches?.("[data-o]") ? piece : piece.querySelector?.("[data-o]") ?? node.closest("[data-o]");
    return held ? Number(held.dataset.o) + (inside && piece === node.childNodes[inside - 1] ? [...held.textContent].length : 0) : null;
  }
  const held = node.parentElement.closest("[data-o]");
  return held ? Number(held.dataset.o) + [...node.data.slice(0, inside)].length : null;
}

/** A DOM range over the characters from `start` to `end`. */
function range(start, end) {
  const made = document.createRange();
  const place = (at, last) => {
    for (const held of sheet().querySelectorAll("[data-o]")) {
      const first = Number(held.dataset.o);
      const letters = [...held.textContent];
      if (at < first + letters.length || (last && at === first + letters.length)) {
        return [held.firstChild, letters.slice(0, Math.max(0, at - first)).join("").length];
      }
    }
    return null;
  };
  const [first, last] = [place(start, false), place(end, true)];
  if (!first || !last) return null;
  made.setStart(...first);
  made.setEnd(...last);
  return made;
}

/** Mark a stretch on the screen, bring it into view, or (with null) unmark. The text itself is not touched. */
export function show(span, { into = true } = {}) {
  if (!("highlights" in CSS)) return;
  CSS.highlights.delete("pick");
  const made = span && range(span.start, span.end);
  if (!made) return;
  CSS.highlights.set("pick", new Highlight(made));
  if (into) {
    const box = made.getBoundingClientRect();
    const frame = sheet().closest(".report");
    const view = frame.getBoundingClientRect();
    if (box.top < view.top + 40 || box.bottom > view.bottom - 40) frame.scrollBy({ top: box.top - view.top - view.height / 3, behavior: "auto" });
  }
}
