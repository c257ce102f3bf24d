// The map of one place.

import { townNames, worldMap } from "./placemap.js";

const element = document.getElementById("map");
const { lat, lon, radius, name } = element.dataset;
const map = worldMap(element);
map.setView([+lat, +lon], +radius > 150 ? 5 : +radius > 20 ? 7 : 9);
townNames(map);
if (+radius) L.circle([+lat, +lon], { radius: +radius * 1000, weight: 1 }).addTo(map);
L.circleMarker([+lat, +lon], { radius: 7 }).bindTooltip(name).addTo(map);
