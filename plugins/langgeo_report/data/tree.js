"use strict";
// The tree: laid out by what is collapsed, as traces of a figure. Its nodes answer to clicks and to the keyboard.
const treeView = (() => {
  const source = document.getElementById("tree-data");
  if (!source) return null;
  const { names, notes, levels, trees, titles, replicates } = JSON.parse(source.textContent);
  const place = document.querySelector("[data-plot='trees']");
  const which = document.getElementById("tree-kind");
  const told = document.getElementById("tree-told");
  const count = names.length;
  const ROW = 15;
  // Above so many languages clades of one class are collapsed at first.
  const MANY = 150;
  const closed = Object.fromEntries(Object.keys(trees).map((kind) => [kind, null]));
  let cursor = null;

  const tree = () => trees[which.value];
  const childrenOf = (node) => (node < count ? [] : tree().children[node - count]);
  const root = () => count + tree().children.length - 1;
  const leaves = (node) => (node < count ? [node] : childrenOf(node).flatMap(leaves));
  const support = (node) => tree().support[node - count];

  function groupOf(level) {
    const found = [];
    levels[level].forEach((group) => group.members.forEach((leaf) => { found[leaf] = group; }));
    return found;
  }

  // The group of all languages below a node, if it is one.
  function common(node, groups) {
    const below = leaves(node).map((leaf) => groups[leaf]);
    return below.every((group) => group === below[0] && group.name !== "Other") ? below[0] : null;
  }

  function ofOneClass(level) {
    const groups = groupOf(level);
    const found = new Set();
    const walk = (node) => {
      if (node < count) return;
      if (common(node, groups)) found.add(node);
      else childrenOf(node).forEach(walk);
    };
    walk(root());
    return found;
  }

  function layout(shut) {
    const x = [0], y = [], shown = [], ends = [];
    x[root()] = 0;
    const walk = (node) => {
      shown.push(node);
      if (node < count || shut.has(node)) {
        y[node] = ends.length;
        ends.push(node);
        return;
      }
      for (const child of childrenOf(node)) {
        x[child] = x[node] + tree().lengths[child];
        walk(child);
      }
      const rows = childrenOf(node).map((child) => y[child]);
      y[node] = (Math.min(...rows) + Math.max(...rows)) / 2;
    };
    walk(root());
    return { x, y, shown, ends };
  }

  const about = (node, shut) => {
    const below = leaves(node);
    const some = below.slice(0, 6).map((leaf) => names[leaf]).join(", ") + (below.length > 6 ? ", …" : "");
    const share = support(node) === null ? "" : ` support ${support(node).toFixed(2)} of ${replicates} trees;`;
    return `${below.length} languages:${share} ${some}${shut.has(node) ? " (collapsed)" : ""}`;
  };

  const short = (node) => {
    const below = leaves(node);
    return `${names[below[0]]} + ${below.length - 1} more`;
  };

  function figure(level, found, width) {
    const shut = (closed[which.value] ??= count > MANY ? ofOneClass(level) : new Set());
    const { x, y, shown, ends } = layout(shut);
    const inner = shown.filter((node) => node >= count && !shut.has(node));
    const groups = groupOf(level);
    const labels = ends.map((node) => (node < count ? names[node] : common(node, groups) ? `${common(node, groups).name} (${leaves(node).length})` : short(node)));
    const edges = { x: [], y: [] };
    for (const node of inner) {
      const rows = childrenOf(node).map((child) => y[child]);
      edges.x.push(x[node], x[node], null);
      edges.y.push(Math.min(...rows), Math.max(...rows), null);
      for (const child of childrenOf(node)) {
        edges.x.push(x[node], x[child], null);
        edges.y.push(y[child], y[child], null);
      }
    }
    const deepest = Math.max(...ends.map((node) => x[node])) || 1;
    const room = Math.min(0.5 * width, 24 + 6.6 * Math.max(...labels.map((label) => label.length)));
    const scale = (width - room - 20) / deepest;
    const wide = (node) => scale * tree().lengths[node] > 26;
    const base = { type: "scatter", mode: "markers", hovertemplate: "%{hovertext}<extra></extra>" };
    // Where support was measured the shape tells it: filled from 0.95, open from 0.5, a cross below.
    const symbol = (node) => (support(node) === null || support(node) >= 0.95 ? "circle" : support(node) >= 0.5 ? "circle-open" : "x-thin-open");
    const data = [
      { type: "scatter", mode: "lines", ...edges, line: { color: "#808080", width: 1.2 }, hoverinfo: "skip", showlegend: false },
      {
        ...base, x: inner.map((node) => x[node]), y: inner.map((node) => y[node]), customdata: inner,
        hovertext: inner.map((node) => about(node, shut)), showlegend: false, meta: { role: "nodes" },
        marker: { size: 8, color: "#808080", symbol: inner.map(symbol), line: { width: 1.5, color: "#808080" } },
      },
      {
        type: "scatter", mode: "text", hoverinfo: "skip", showlegend: false, textposition: "top left", textfont: { size: 9 },
        ...((some) => ({ x: some.map((node) => x[node]), y: some.map((node) => y[node]), text: some.map((node) => support(node).toFixed(2)) }))(
          inner.filter((node) => support(node) !== null && wide(node))),
      },
    ];
    const named = (nodes) => ({
      x: nodes.map((node) => x[node]), y: nodes.map((node) => y[node]), customdata: nodes,
      text: nodes.map((node) => labels[ends.indexOf(node)]), mode: "markers+text", textposition: "middle right", cliponaxis: false,
      hovertext: nodes.map((node) => (node < count ? notes[node] : about(node, shut))),
    });
    for (const group of levels[level]) {
      const own = ends.filter((node) => node < count && groups[node] === group);
      const folded = ends.filter((node) => node >= count && common(node, groups) === group);
      if (!own.length && !folded.length) continue;
      const symbols = [...own.map(() => group.symbol), ...folded.map(() => "triangle-right")];
      data.push({ ...base, ...named([...own, ...folded]), name: group.name, marker: { size: 9, color: group.colour, symbol: symbols } });
    }
    const mixed = ends.filter((node) => node >= count && !common(node, groups));
    if (mixed.length) data.push({ ...base, ...named(mixed), name: "several", marker: { size: 9, color: "#808080", symbol: "triangle-right" } });
    const around = (node, style) => ({
      ...base, x: [x[node]], y: [y[node]], hoverinfo: "skip", hovertemplate: null, showlegend: false,
      marker: { size: 20, symbol: "circle-open", ...style },
    });
    const leaf = found ? notes.findIndex((note) => note.split("<br>")[0].endsWith(` ${found}`)) : -1;
    const at = leaf < 0 ? -1 : ends.find((node) => leaves(node).includes(leaf));
    if (at >= 0) data.push({ ...around(at, { color: "#d55e00", line: { width: 4, color: "#d55e00" } }), meta: { role: "found" } });
    if (cursor !== null && shown.includes(cursor)) data.push({ ...around(cursor, { color: "#0072b2", line: { width: 3, color: "#0072b2" } }), meta: { role: "cursor" } });
    return {
      data,
      layout: {
        height: 60 + ROW * Math.max(ends.length, 8), margin: { l: 10, r: 10, t: 34, b: 10 }, hovermode: "closest", dragmode: "pan",
        xaxis: { visible: false, range: [-0.01 * deepest, deepest * (1 + room / (scale * deepest))], fixedrange: true },
        yaxis: { visible: false, range: [ends.length - 0.4, -0.6], fixedrange: true },
        legend: { orientation: "h", y: 1, yanchor: "bottom", x: 0, itemclick: false, itemdoubleclick: false },
        font: { size: 11 },
      },
    };
  }

  // Calls `redraw` after every change.
  function listen(level, redraw) {
    const shut = () => closed[which.value];
    const change = (act) => { act(); redraw(); };
    const toggle = (node) => change(() => { shut().has(node) ? shut().delete(node) : shut().add(node); });
    place.on("plotly_click", ({ points }) => {
      const node = points[0].customdata;
      if (node >= count) toggle(node);
    });
    document.getElementById("tree-open").addEventListener("click", () => change(() => { closed[which.value] = new Set(); }));
    document.getElementById("tree-close").addEventListener("click", () => change(() => { closed[which.value] = ofOneClass(level.value); }));
    which.addEventListener("change", () => change(() => { cursor = null; }));
    place.addEventListener("keydown", (event) => {
      const { y, shown } = layout(shut());
      const nodes = shown.filter((node) => node >= count).sort((one, other) => y[one] - y[other]);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) cursor = cursor === null ? root() : nodes[Math.min(nodes.length - 1, Math.max(0, nodes.indexOf(cursor) + step))];
      else if (event.key === "ArrowLeft" && cursor !== null) shut().add(cursor);
      else if (event.key === "ArrowRight" && cursor !== null) shut().delete(cursor);
      else if (["Enter", " "].includes(event.key) && cursor !== null) shut().has(cursor) ? shut().delete(cursor) : shut().add(cursor);
      else return;
      event.preventDefault();
      told.textContent = about(cursor, shut());
      redraw();
    });
  }

  return { figure, listen, place };
})();
