// One query in the address; map, time line, facets and table follow it without loading the page anew.

import "./list.js";
import { renew, say } from "./page.js";
import { REACH, colour, townNames, worldMap } from "./placemap.js";

let map = null;
let layer = null;
const found = () => document.getElementById("found");

async function go(address, push = true) {
  try {
    const kept = document.getElementById("map");
    await renew("#told,#facets,#timeline,#table,#query", address);
    const answer = new URL(address, location.href);
    if (push) history.pushState(null, "", answer);
    found().dataset.query = answer.search.slice(1);
    if (answer.searchParams.get("find") && answer.searchParams.get("find") !== found().dataset.find) { location.reload(); return; }
    if (kept) draw(true);
  } catch (error) { say(error.message, true); }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#facets a, #told a, #timeline a[href^='?'], #table .pager a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "query") return;
  event.preventDefault();
  const pairs = [...new FormData(event.target)].filter(([, value]) => value && value !== "newest");
  go(`?${new URLSearchParams(pairs)}`);
});
addEventListener("popstate", () => go(location.href, false));

// ---------------------------------------------------------------- the map

let asked = 0;
let fitted = false;
async function draw(anew = false) {
  if (!map) return;
  const mine = ++asked;
  const b = map.getBounds();
  const view = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((x) => x.toFixed(4)).join(",");
  const query = new URLSearchParams(found().dataset.query);
  for (const name of ["view", "zoom", "offset", "limit", "sort"]) query.delete(name);
  if (!query.get("find")) query.set("find", found().dataset.find);
  query.set("view", view);
  query.set("zoom", map.getZoom());
  const answer = await fetch(`/api/v1/map?${query}`);
  const said = await answer.json();
  if (mine !== asked) return;
  if (!answer.ok) { say(said.detail, true); return; }
  layer.clearLayers();
  const ink = colour("--accent");
  for (const one of said.items) mark(one, said.find, ink);
  document.getElementById("mapped").textContent = `${said.inside.toLocaleString()} on this part of the map, ${said.mapped.toLocaleString()} have a place with coordinates. A circle is an area, not a point: as wide as the place is known to.`;
  found().dataset.mapped = said.mapped;
  if (anew && !said.inside && said.mapped) map.setView([25, 25], 2);
}

function mark(one, find, ink) {
  if (one.count === 1) {
    if (REACH[one.precision]) L.circle([one.lat, one.lon], { radius: REACH[one.precision], color: ink, weight: 1, fillOpacity: 0.12 }).addTo(layer).on("click", () => open(one, find));
    L.circleMarker([one.lat, one.lon], { radius: one.precision >= 3 ? 3 : 5, color: ink, weight: 1.5, fillColor: ink, fillOpacity: one.precision >= 3 ? 0.3 : 0.75 }).bindTooltip(one.type.replaceAll("_", " ")).addTo(layer).on("click", () => open(one, find));
    return;
  }
  const radius = 9 + 4.2 * Math.log10(one.count) * Math.log2(1 + Math.log10(one.count));
  const [west, south, east, north] = one.box;
  L.circleMarker([one.lat, one.lon], { radius, color: ink, weight: one.precision >= 3 ? 1.5 : 0, dashArray: one.precision >= 3 ? "3 3" : null, fillColor: ink, fillOpacity: one.precision >= 3 ? 0.62 : 0.85 })
    .bindTooltip(one.count >= 10000 ? `${Math.round(one.count / 1000)}k` : String(one.count), { permanent: true, direction: "center", className: "count" })
    .on("click", () => {
      if (east - west < 0.002 && north - south < 0.002) { const q = new URLSearchParams(found().dataset.query); q.set("box", [west - 0.001, south - 0.001, east + 0.001, north + 0.001].map((x) => x.toFixed(4)).join(",")); go(`?${q}`); }
      else map.fitBounds([[south, west], [north, east]], { padding: [40, 40], maxZoom: 12 });
    }).addTo(layer);
}

function open(one, find) {
  if (one.id) location.href = find === "incidents" ? `/incidents/${one.id}` : `/claims/${one.id}`;
}

async function begin() {
  const element = document.getElementById("map");
  if (!element) return;
  map = worldMap(element, { tiles: found().dataset.tiles || null });
  layer = L.layerGroup().addTo(map);
  townNames(map);
  const query = new URLSearchParams(found().dataset.query);
  for (const name of ["offset", "limit", "sort"]) query.delete(name);
  const all = await (await fetch(`/api/v1/map?${query}&zoom=3`)).json();
  if (all.items?.length) {
    // where most of it lies: half of all, the nearest to the largest cluster, are in view
    const [first] = all.items;
    const near = all.items.map((one) => ({ ...one, far: Math.hypot(one.lat - first.lat, one.lon - first.lon) })).sort((a, b) => a.far - b.far);
    let held = 0;
    const shown = near.filter((one) => { const take = held < all.mapped * 0.6; held += one.count; return take; });
    const bounds = L.latLngBounds(shown.flatMap((one) => [[one.box[1], one.box[0]], [one.box[3], one.box[2]]]));
    if (all.items.length > 40) map.setView([22, 30], 2); else map.fitBounds(bounds.pad(0.2), { maxZoom: 8 });
  }
  fitted = true;
  map.on("moveend", () => fitted && draw());
  draw();
}
begin();
