"use strict";
// Draws the figures. Controls show and hide traces by their `meta` and labels by their `name`.
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const level = document.getElementById("level");
  const names = document.getElementById("names");
  const edges = document.getElementById("edges");
  const find = document.getElementById("find");
  const rows = [...document.querySelectorAll("#nearest tbody tr")];
  let found = "";
  const config = {
    responsive: true,
    displaylogo: false,
    // This button would send the chart to a server.
    showSendToCloud: false,
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
    toImageButtonOptions: { format: "svg" },
  };

  function template() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { gridcolor: colour("--grid"), linecolor: colour("--grid") };
    // Margins grow where numbers and titles need it.
    const flat = { ...axis, automargin: true, title: { standoff: 10 } };
    return {
      layout: {
        font: { color: colour("--ink"), family: getComputedStyle(document.body).fontFamily, size: 12 },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
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

  function labelShown(annotation) {
    if (annotation.name !== "label") return true;
    if (names.value) return names.value === "all";
    return annotation.visible;
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

  function drawn(key) {
    const { data, layout } = figures[key];
    return {
      data: [...data.map((trace) => ({ ...trace, visible: shown(trace) })), ...ring(data)],
      layout: {
        ...layout,
        template: template(),
        uirevision: "kept",
        annotations: (layout.annotations || []).map((label) => ({ ...label, visible: labelShown(label) })),
      },
    };
  }

  function drawAll() {
    for (const place of document.querySelectorAll("[data-plot]")) {
      const { data, layout } = drawn(place.dataset.plot);
      Plotly.react(place, data, layout, config);
    }
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
    drawAll();
  }

  // Tables sort by a click on a header, or Enter on it: numbers as numbers, empty entries last.
  for (const table of document.querySelectorAll("table.sortable")) {
    table.querySelectorAll("thead th").forEach((header, column) => {
      const sort = () => {
        const falls = header.getAttribute("aria-sort") === "ascending";
        table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", falls ? "descending" : "ascending");
        const key = (row) => row.cells[column] ? row.cells[column].textContent.trim() : "";
        const compare = (one, other) => {
          const [a, b] = [key(one), key(other)];
          if (!a || !b) return (a ? 0 : 1) - (b ? 0 : 1);
          return (falls ? -1 : 1) * a.localeCompare(b, undefined, { numeric: true });
        };
        table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
      };
      header.tabIndex = 0;
      header.addEventListener("click", sort);
      header.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
    });
  }

  find.addEventListener("input", look);
  [level, names, edges].forEach((control) => control.addEventListener("change", drawAll));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  drawAll();
})();
