"use strict";
// Tables that sort and download; texts that copy.
const offer = (words, label, act) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
};

const download = (name, content, type) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
};

(() => {
  const run = document.querySelector("h1").textContent.trim();
  const said = document.getElementById("said");

  const text = (cell) => (cell ? cell.textContent.replace(/\s+/g, " ").trim() : "");

  // What a cell is sorted by: its number where it begins with one, without marks; "< 0.001" is below 0.001.
  function key(row, column) {
    const cell = row.cells[column];
    const words = cell?.dataset.sort ?? text(cell).replace(/^[▲▼△▽●○■◆✚]\s*/, "");
    const number = words.replace(/[−–]/g, "-").replaceAll(",", "").match(/^(<\s*)?(-?\d+(?:\.\d+)?(?:e-?\d+)?)/);
    return { words, number: number ? Number(number[2]) - (number[1] ? 1e-9 : 0) : null };
  }

  function compare(a, b, sign) {
    if (!a.words || !b.words) return (a.words ? 0 : 1) - (b.words ? 0 : 1);
    if (a.number !== null && b.number !== null) return sign * (a.number - b.number);
    return sign * a.words.localeCompare(b.words, undefined, { numeric: true });
  }

  // A click on a header sorts, another one turns the order round; empty entries come last, headings of groups first.
  function sortable(table) {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      if (!text(header) || header.classList.contains("strip")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        const sign = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        headers.forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        const [first, ...others] = table.tBodies;
        if (!table.querySelector(".level")) others.forEach((body) => first.append(...body.rows));
        for (const body of table.tBodies) {
          const rows = [...body.rows].filter((row) => !row.classList.contains("level"));
          body.append(...rows.sort((one, other) => compare(key(one, column), key(other, column), sign)));
        }
      });
    });
  }

  function csv(table) {
    const cell = (one) => `"${text(one).replaceAll('"', '""')}"`;
    return [...table.rows].map((row) => [...row.cells].map(cell).join(",")).join("\r\n") + "\r\n";
  }

  document.querySelectorAll("main table").forEach((table, number) => {
    if (table.tHead && table.tBodies[0]?.rows.length > 1) sortable(table);
    const section = table.closest("section");
    const heading = table.closest("details")?.querySelector("summary") || section.querySelector("h2");
    const name = `${run}-${section.id}-${number + 1}.csv`;
    const box = table.closest(".scroll") || table;
    const tools = document.createElement("p");
    tools.className = "tools";
    // A byte-order mark, without which spreadsheets take the text for another encoding.
    tools.append(offer("CSV", `Download this table as CSV: ${heading.textContent}`, () => download(name, `\ufeff${csv(table)}`, "text/csv")));
    box.before(tools);
    if (box === table) return;
    // A box that scrolls is reached by the keyboard.
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", `Table ${number + 1}: ${heading.textContent}`);
  });

  async function copy(place) {
    try {
      await navigator.clipboard.writeText(place.textContent);
    } catch {
      getSelection().selectAllChildren(place);
      if (!document.execCommand("copy")) return "not copied: select the text and copy it";
    }
    return "copied";
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      said.textContent = "";
      const told = await copy(document.getElementById(button.dataset.copy));
      said.textContent = told;
      button.textContent = told === "copied" ? "Copied" : "Copy";
    });
  }
})();
