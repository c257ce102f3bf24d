// The map of one place.

import { colour, townNames, worldMap } from "./placemap.js";

const element = document.getElementById("map");
const { lat, lon, radius, name } = element.dataset;
const map = worldMap(element);
map.setView([+lat, +lon], +radius > 150 ? 5 : +radius > 20 ? 7 : 9);
townNames(map);
if (+radius) L.circle([+lat, +lon], { radius: +radius * 1000, weight: 1, color: colour("--place") }).addTo(map);
L.circleMarker([+lat, +lon], { radius: 7, color: colour("--place"), fillOpacity: 0.6 }).bindTooltip(name).addTo(map);
