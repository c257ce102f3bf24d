// A table one walks with j and k and opens with Enter.

import { onKeys } from "./page.js";

const rows = () => [...document.querySelectorAll("tr[data-goes]")];
let at = -1;

function stand(index) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(all.length - 1, index));
  all.forEach((row, number) => row.classList.toggle("current", number === at));
  all[at].querySelector("a").focus();
}

onKeys({
  j: () => stand(at + 1), k: () => stand(at - 1),
  ArrowDown: () => stand(at + 1), ArrowUp: () => stand(at - 1),
  Enter: () => (rows()[Math.max(at, 0)]?.querySelector("a") ?? document.getElementById("first"))?.click(),
});
