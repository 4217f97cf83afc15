"use strict";
(() => {
  const all = (selector) => document.querySelectorAll(selector);

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent.trim();
  };
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    return isNaN(a) || isNaN(b) ? a.localeCompare(b, "en", {numeric: true}) : a - b;
  };
  const sort = (table, column, header, status) => {
    const descending = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    // What has no value stays last, in both directions.
    rows.sort((a, b) => {
      const [left, right] = [key(a, column), key(b, column)];
      return left === "" || right === "" || !descending
        ? compare(left, right) : compare(right, left);
    });
    table.tBodies[0].append(...rows);
    status.textContent = `Sorted by ${header.textContent.trim()}, ` +
      (descending ? "descending" : "ascending");
  };
  for (const table of all("table.sortable")) {
    const status = document.createElement("p");
    status.className = "unseen";
    status.setAttribute("role", "status");
    table.parentElement.after(status);
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sort(table, column, header, status));
      header.append(button);
    });
  }

  const reachable = () => {
    for (const box of all(".scroll, .plate")) {
      const scrolls = box.scrollWidth > box.clientWidth;
      box.classList.toggle("scrolls", scrolls);
      if (scrolls) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  reachable();
  addEventListener("resize", reachable);
  for (const fold of all("details")) fold.addEventListener("toggle", reachable);

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...all("details:not([open])")];
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
  });
})();
