// Maps without tiles: countries from the wheel, names of towns from the gazetteer. `L` and `topojson` are vendored.

/** A colour of the style sheet as it is now, light or dark, in a form that a canvas takes. */
export function colour(name) {
  const probe = document.createElement("i");
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const FINE = 5; // the zoom from which borders are drawn finely
const borders = {};
/** The countries of the world at a scale, read once; those across the antimeridian drawn whole, on both of its sides. */
function countries(scale) {
  borders[scale] ??= fetch(`/static/vendor/world-atlas/countries-${scale}.json`).then((answer) => answer.json()).then((world) => {
    const all = topojson.feature(world, world.objects.countries);
    const drawn = [];
    for (const country of all.features) {
      if (country.id === "010") continue; // Antarctica goes round the pole, which this map does not show
      const polygons = country.geometry.type === "Polygon" ? [country.geometry.coordinates] : country.geometry.coordinates;
      for (const rings of polygons) {
        const whole = rings.map(unwrapped);
        const crosses = whole[0].some(([lon]) => Math.abs(lon) > 180);
        for (const by of crosses ? [0, whole[0][0][0] > 0 ? -360 : 360] : [0]) {
          drawn.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: whole.map((ring) => ring.map(([lon, lat]) => [lon + by, lat])) } });
        }
      }
    }
    return { type: "FeatureCollection", features: drawn };
  });
  return borders[scale];
}

/** A ring whose longitudes go on beyond 180 degrees instead of jumping to the other side. */
function unwrapped(ring) {
  let by = 0;
  return ring.map(([lon, lat], index) => {
    if (index) {
      const step = lon - ring[index - 1][0];
      if (step > 180) by -= 360;
      else if (step < -180) by += 360;
    }
    return [lon + by, lat];
  });
}

/** A map in an element, with countries under it, and tiles only where the user has given an address for them. */
export function worldMap(element, { controls = true, tiles = null } = {}) {
  const map = L.map(element, { preferCanvas: true, worldCopyJump: true, zoomControl: controls, attributionControl: controls, minZoom: 1, maxZoom: 16, zoomAnimation: false, fadeAnimation: false });
  map.setView([25, 30], 2);
  if (controls) {
    map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
    map.attributionControl.addAttribution("Natural Earth, GeoNames (CC BY 4.0)");
  }
  if (tiles) L.tileLayer(tiles, { maxZoom: 16 }).addTo(map);
  else drawLand(map);
  return map;
}

/** The land under a map: coarse for the world, fine from `FINE` on. */
function drawLand(map) {
  const style = { color: colour("--border"), weight: 0.8, fillColor: colour("--land"), fillOpacity: 1 };
  let drawn = null;
  let land = null;
  const draw = async () => {
    const scale = map.getZoom() >= FINE ? "50m" : "110m";
    if (scale === drawn) return;
    drawn = scale;
    const world = await countries(scale);
    if (scale !== drawn || !map.getContainer().isConnected) return;
    land?.remove();
    land = L.geoJSON(world, { interactive: false, style }).addTo(map);
    land.bringToBack();
  };
  map.on("zoomend", draw);
  draw();
}

/** Names of the larger towns in view, so that a map without tiles can be read. */
export function townNames(map) {
  const layer = L.layerGroup().addTo(map);
  let asked = 0;
  const draw = async () => {
    const mine = ++asked;
    layer.clearLayers();
    if (map.getZoom() < 6) return;
    const b = map.getBounds().pad(-0.02);
    const answer = await fetch(`/api/v1/towns?box=${[b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((x) => x.toFixed(2)).join(",")}`);
    if (!answer.ok || mine !== asked) return;
    const taken = [];
    for (const town of (await answer.json()).items) {
      const at = map.latLngToContainerPoint([town.lat, town.lon]);
      if (taken.some((other) => Math.abs(other.x - at.x) < 74 && Math.abs(other.y - at.y) < 16)) continue; // names do not overlap
      taken.push(at);
      L.circleMarker([town.lat, town.lon], { radius: 1.5, color: colour("--quiet"), weight: 1, interactive: false })
        .bindTooltip(town.name, { permanent: true, direction: "right", className: "town", offset: [2, 0] }).addTo(layer);
    }
  };
  map.on("moveend", draw);
  draw();
}

/** How wide a place of that precision is drawn, in metres: an area, not a pin. Precision 1 is the settlement itself. */
export const REACH = { 1: 0, 2: 8000, 3: 40000 };

let shown = null;
let layer = null;
/** The one small map of the editor. */
export const smallMap = {
  points(element, places) {
    if (shown?.getContainer() !== element) {
      shown?.remove();
      shown = worldMap(element, { controls: false });
      townNames(shown);
      layer = L.featureGroup().addTo(shown);
    }
    layer.clearLayers();
    for (const place of places.filter((one) => one.lat !== null && one.lat !== undefined)) {
      if (REACH[place.precision]) L.circle([place.lat, place.lon], { radius: REACH[place.precision], color: colour("--place"), weight: 1, fillOpacity: 0.15 }).addTo(layer);
      L.circleMarker([place.lat, place.lon], { radius: 6, color: colour("--place"), fillOpacity: 0.6 }).bindTooltip(place.name ?? place.text).addTo(layer);
    }
    if (layer.getLayers().length) shown.fitBounds(layer.getBounds().pad(0.6), { maxZoom: 8 });
  },
  look(one) {
    if (!shown || one?.lat === undefined || one.lat === null) return;
    shown.setView([one.lat, one.lon], 7);
  },
};
