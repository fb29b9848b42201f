"use strict";
// Draws the figures. Controls show and hide traces by their `meta` and labels by their `name`.
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const places = [...document.querySelectorAll("[data-plot]")];
  const level = document.getElementById("level");
  const names = document.getElementById("names");
  const edges = document.getElementById("edges");
  const find = document.getElementById("find");
  const rows = [...document.querySelectorAll("#nearest tbody tr")];
  const run = document.querySelector("h1").textContent.trim();
  const NARROW = 600;
  let found = "";
  // Which labels of a figure fit.
  const fits = new Map();
  const waiting = new Set();
  let drawing = null;
  const config = {
    displaylogo: false,
    // This button would send the chart to a server.
    showSendToCloud: false,
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
    toImageButtonOptions: { format: "svg" },
  };

  // Distances of the heat map are embedded in steps of 16 bits, the last of which is a blank.
  for (const trace of figures.heatmap.data) {
    const { low, high, steps } = trace.meta;
    const numbers = new Uint16Array(Uint8Array.from(atob(steps), (character) => character.charCodeAt(0)).buffer);
    const values = Float64Array.from(numbers, (step) => (step === 65535 ? NaN : low + (step / 65534) * (high - low)));
    trace.z = trace.y.map((name, row) => values.subarray(row * trace.x.length, (row + 1) * trace.x.length));
    trace.meta = {};
  }

  // Of the page's colours; a download is for paper, so it is light.
  function template(paper) {
    const style = getComputedStyle(document.documentElement);
    const light = { "--ink": "#1d2126", "--soft": "#5d6570", "--grid": "#e8e8e6", "--card": "#ffffff" };
    const colour = (name) => (paper ? light[name] : style.getPropertyValue(name).trim());
    const axis = { gridcolor: colour("--grid"), linecolor: colour("--grid") };
    // Margins grow where numbers and titles need it.
    const flat = { ...axis, automargin: true, title: { standoff: 10 } };
    const back = paper ? "#ffffff" : "rgba(0,0,0,0)";
    return {
      layout: {
        font: { color: colour("--ink"), family: getComputedStyle(document.body).fontFamily, size: 12 },
        paper_bgcolor: back,
        plot_bgcolor: back,
        hoverlabel: { bgcolor: colour("--card"), bordercolor: colour("--soft"), font: { color: colour("--ink") }, align: "left" },
        modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--soft"), activecolor: colour("--ink") },
        xaxis: flat,
        yaxis: flat,
        scene: { xaxis: axis, yaxis: axis, zaxis: axis },
      },
    };
  }

  function shown(trace) {
    const meta = trace.meta || {};
    if (meta.level) return meta.level === level.value;
    if (meta.role === "tree") return edges.checked;
    if (meta.role === "names" && names.value) return names.value === "all";
    return trace.visible ?? true;
  }

  function labelShown(place, annotation, number) {
    if (annotation.name !== "label") return true;
    if (names.value) return names.value === "all";
    return fits.get(place)?.[number] ?? annotation.visible;
  }

  // A ring around the point of the language that is looked for; points name their language first in their hover text.
  function ring(data) {
    for (const trace of found ? data : []) {
      const at = (trace.hovertext || []).findIndex((text) => text.split("<br>")[0].endsWith(` ${found}`));
      if (at < 0) continue;
      const place = { x: [trace.x[at]], y: [trace.y[at]], ...(trace.z ? { z: [trace.z[at]] } : {}) };
      const marker = { size: trace.z ? 14 : 22, symbol: "circle-open", color: "#d55e00", line: { width: 4, color: "#d55e00" } };
      return [{ type: trace.type, mode: "markers", meta: { role: "found" }, ...place, marker, hoverinfo: "skip", showlegend: false }];
    }
    return [];
  }

  // On a phone legends are below, heights follow the width, and axes name fewer languages.
  function fitted(layout, width, entries) {
    if (width >= NARROW) return layout;
    const { margin, xaxis, yaxis } = layout;
    const legend = layout.showlegend === false ? 0 : 20 * Math.ceil(entries / 2);
    const inside = width - margin.l - margin.r;
    const ratio = yaxis?.range && xaxis.range ? (yaxis.range[1] - yaxis.range[0]) / (xaxis.range[1] - xaxis.range[0]) : 1;
    const height = yaxis?.scaleanchor ? inside * ratio + margin.t + margin.b + legend + 30 : layout.scene ? width + legend : layout.height;
    const sparse = (axis) => (axis?.nticks ? { ...axis, nticks: Math.floor(inside / 12) } : axis);
    return {
      ...layout,
      height: Math.min(layout.height, Math.round(height)),
      legend: { ...layout.legend, orientation: "h", x: 0, xanchor: "left", y: layout.scene ? 0 : -(xaxis.visible === false ? 10 : 50) / (inside * ratio), yanchor: "top" },
      ...(xaxis && { xaxis: sparse(xaxis) }),
      ...(yaxis && { yaxis: sparse(yaxis) }),
    };
  }

  function drawn(place, paper = false) {
    const key = place.dataset.plot;
    const width = place.clientWidth;
    if (treeView && place === treeView.place) {
      const { data, layout } = treeView.figure(level.value, found, width);
      return { data, layout: { ...layout, width, template: template(paper) } };
    }
    const { data } = figures[key];
    // Plotly writes ranges into the layout that it gets.
    const layout = structuredClone(figures[key].layout);
    return {
      data: [...data.map((trace) => ({ ...trace, visible: shown(trace) })), ...ring(data)],
      layout: {
        ...fitted(layout, width, data.filter((trace) => trace.name && shown(trace)).length),
        width,
        template: template(paper),
        uirevision: "kept",
        annotations: (layout.annotations || []).map((label, number) => ({ ...label, visible: labelShown(place, label, number) })),
      },
    };
  }

  async function draw(place) {
    const first = !place.on;
    const { data, layout } = drawn(place);
    await Plotly.react(place, data, layout, config);
    if (thin(place)) {
      const again = drawn(place);
      await Plotly.react(place, again.data, again.layout, config);
    }
    if (first) listen(place);
  }

  // Draws figures, first those on the screen, then the nearest to it; the page answers between two of them.
  function redraw(some = places) {
    if (!some.length) return;
    some.forEach((place) => waiting.add(place));
    delete document.body.dataset.drawn;
    drawing ??= drawWaiting();
  }

  async function drawWaiting() {
    while (waiting.size) {
      await new Promise((answered) => { setTimeout(answered); });
      const place = nearest();
      waiting.delete(place);
      await draw(place).catch(console.error);
    }
    drawing = null;
    document.body.dataset.drawn = "";
  }

  // Three dimensions take longest to draw, so they come last unless they are on the screen.
  function nearest() {
    const away = (place) => {
      const { top, bottom } = place.getBoundingClientRect();
      const distance = Math.max(0, top - window.innerHeight, -bottom);
      return distance && figures[place.dataset.plot]?.layout.scene ? Infinity : distance;
    };
    return [...waiting].reduce((one, other) => (away(other) < away(one) ? other : one));
  }

  // Names that fit: of two that overlap at this size and zoom the later one is hidden. Says whether that changed any.
  function thin(place) {
    const labels = place.layout.annotations || [];
    const width = place.clientWidth;
    const enough = width >= NARROW && labels.length <= Number(document.body.dataset.labelLimit);
    const before = fits.get(place);
    fits.delete(place);
    if (enough || names.value || !labels.some((label) => label.name === "label")) return before !== undefined;
    const { xaxis, yaxis } = place._fullLayout;
    const taken = [];
    fits.set(place, labels.map((label) => {
      if (label.name !== "label") return true;
      const [x, y] = [xaxis.d2p(label.x), yaxis.d2p(label.y)];
      const [wide, high] = [5.6 * label.text.length, 11];
      const left = x + (label.xshift ?? label.ax ?? 0) - { left: 0, center: 0.5, right: 1 }[label.xanchor] * wide;
      const top = y - (label.yshift ?? -label.ay ?? 0) - high / 2;
      const inside = x >= 0 && y >= 0 && x <= xaxis._length && y <= yaxis._length && left + xaxis._offset >= 0 && left + wide + xaxis._offset <= width;
      const free = inside && taken.every(([l, t, w]) => left + wide < l || l + w < left || top + high < t || t + high < top);
      if (free) taken.push([left, top, wide]);
      return free;
    }));
    return String(before) !== String(fits.get(place));
  }

  const widths = new Map();
  const resized = new ResizeObserver((entries) => redraw(entries.map(({ target }) => target).filter((place) => {
    const before = widths.get(place);
    widths.set(place, place.clientWidth);
    return before !== place.clientWidth;
  })));

  // What a figure answers to, once it is drawn.
  function listen(place) {
    place.style.minHeight = "";
    widths.set(place, place.clientWidth);
    resized.observe(place);
    place.on("plotly_relayout", (change) => { if (Object.keys(change).some((key) => key.includes("range"))) redraw([place]); });
    if (place === treeView?.place) treeView.listen(level, () => redraw([place]));
  }

  function tools(place) {
    const title = place.closest("section").querySelector("h2").textContent;
    const box = document.createElement("p");
    box.className = "tools corner";
    for (const format of ["svg", "png"]) {
      const filename = `${run}-${place.dataset.plot}`;
      box.append(offer(format.toUpperCase(), `Download this figure as ${format.toUpperCase()}: ${title}`, () => {
        const { data, layout } = drawn(place, true);
        Plotly.downloadImage({ data, layout }, { format, filename, width: place.clientWidth, height: layout.height, scale: format === "png" ? 2 : 1 });
      }));
    }
    if (place.previousElementSibling?.matches("h3, table, .scroll, p:not(.hint):not(.controls)")) box.classList.remove("corner");
    place.before(box);
  }

  // The language whose name or id was written, or the only one whose name begins so.
  function look() {
    const word = find.value.trim().toLowerCase();
    const cells = rows.map((row) => row.querySelector("th"));
    const ids = cells.map((cell) => cell.querySelector("small").textContent);
    const called = cells.map((cell) => cell.firstChild.textContent.trim().toLowerCase());
    const same = ids.map((id, place) => place).filter((place) => word && (ids[place].toLowerCase() === word || called[place] === word));
    const alike = called.map((name, place) => place).filter((place) => word && called[place].startsWith(word));
    const place = same.length ? same[0] : alike.length === 1 ? alike[0] : -1;
    found = place < 0 ? "" : ids[place];
    rows.forEach((row, number) => row.classList.toggle("found", number === place));
    if (place >= 0) {
      const box = rows[place].closest(".scroll");
      box.scrollTop = rows[place].offsetTop - box.clientHeight / 2;
    }
    const told = !word || place >= 0 ? "" : alike.length ? `${alike.length} languages begin like this` : "no such language";
    document.getElementById("found").textContent = told;
    redraw();
  }

  places.forEach(tools);
  find.addEventListener("input", look);
  [level, names, edges].forEach((control) => control.addEventListener("change", () => redraw()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
  window.addEventListener("beforeprint", () => waiting.forEach(draw));
  // Each has its room from the start, so that nothing moves while others are drawn.
  places.forEach((place) => { place.style.minHeight = `${drawn(place).layout.height}px`; });
  document.addEventListener("DOMContentLoaded", () => redraw());
})();
