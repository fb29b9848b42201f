"use strict";
// Draws the figures. Controls show and hide traces by their `meta` and labels by their `name`.
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const level = document.getElementById("level");
  const names = document.getElementById("names");
  const edges = document.getElementById("edges");
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

  function drawn(key) {
    const { data, layout } = figures[key];
    return {
      data: data.map((trace) => ({ ...trace, visible: shown(trace) })),
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

  [level, names, edges].forEach((control) => control.addEventListener("change", drawAll));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  drawAll();
})();
