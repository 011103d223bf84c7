"use strict";
// Sorts a table by the column whose heading is pressed, and shows only the rows that hold what is
// searched for. Numbers come from data-value; what has none goes last, whichever way is sorted.

const order = new Intl.Collator(undefined, { numeric: true }).compare;

function key(row, column) {
  const cell = row.cells[column];
  const text = cell.textContent.trim();
  return "value" in cell.dataset ? Number(cell.dataset.value) : text === "" ? NaN : text;
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return order(String(a), String(b));
}

function sort(table, column) {
  const heading = table.tHead.rows[0].cells[column];
  const rising = heading.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
  const keyed = Array.from(table.tBodies[0].rows, (row) => [key(row, column), row]);
  const [without, having] = [[], []];
  for (const each of keyed) (Number.isNaN(each[0]) ? without : having).push(each);
  having.sort((a, b) => (rising ? 1 : -1) * compare(a[0], b[0]));
  table.tBodies[0].append(...[...having, ...without].map((each) => each[1]));
}

function search(table, words, output) {
  const wanted = words.toLowerCase().split(/\s+/);
  let shown = 0;
  for (const row of table.tBodies[0].rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !wanted.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  output.textContent = `${shown} of ${table.tBodies[0].rows.length}`;
}

for (const box of document.querySelectorAll(".table")) {
  const table = box.querySelector("table");
  Array.from(table.tHead.rows[0].cells).forEach((cell, column) => {
    const button = cell.querySelector("button");
    if (button) button.addEventListener("click", () => sort(table, column));
  });
  const input = box.querySelector("input");
  const output = box.querySelector("output");
  if (input) {
    input.addEventListener("input", () => search(table, input.value, output));
    search(table, input.value, output);
  }
}
