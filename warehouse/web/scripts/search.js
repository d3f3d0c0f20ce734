// Search as you type: names of projects below the box (WAI-ARIA 1.2 combobox with a list), and "/" to get there.
const PAUSE = 120; // milliseconds without a key before something is asked for

function listBelow(field) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${field.id}-suggestions`;
  list.role = "listbox";
  list.hidden = true;
  list.setAttribute("aria-label", field.labels[0]?.textContent ?? "");
  field.form.append(list);
  field.role = "combobox";
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  return list;
}

function entry(list, number, [name, summary, address]) {
  const item = document.createElement("li");
  item.id = `${list.id}-${number}`;
  item.role = "option";
  item.dataset.address = address;
  item.setAttribute("aria-selected", "false");
  for (const [kind, text] of [["name", name], ["summary", summary]]) {
    const part = document.createElement("span");
    part.className = `suggestions__${kind}`;
    part.textContent = text;
    item.append(part, " ");
  }
  return item;
}

function suggestTo(field) {
  const list = listBelow(field);
  let chosen = -1;
  let waiting;
  let asking;

  const choose = (number) => {
    const items = [...list.children];
    chosen = items.length ? (number + items.length + 1) % (items.length + 1) : -1;
    if (chosen === items.length) chosen = -1;
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", items[chosen].id);
    items[chosen]?.scrollIntoView({ block: "nearest" });
  };
  const show = (lines) => {
    list.replaceChildren(...lines.map((line, number) => entry(list, number, line)));
    list.hidden = !lines.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    choose(-1);
  };
  const hide = () => {
    clearTimeout(waiting);
    asking?.abort();
    show([]);
  };
  const ask = async () => {
    const text = field.value.trim();
    asking?.abort();
    if (!text) return show([]);
    asking = new AbortController();
    const { signal } = asking;
    try {
      const response = await fetch(`${field.dataset.suggestions}?q=${encodeURIComponent(text)}`, { signal });
      if (!response.ok) return show([]);
      const [, names, summaries, addresses] = await response.json();
      if (!signal.aborted) show(names.map((name, at) => [name, summaries[at], addresses[at]]));
    } catch (error) {
      // Another key was pressed, or the index is away: the box searches all the same.
      if (error.name !== "AbortError") show([]);
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? list.children.length - 1 : chosen - 1);
    else if (event.key === "Escape") hide();
    else if (event.key === "Enter" && chosen >= 0) location.assign(list.children[chosen].dataset.address);
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", hide);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the box keeps the focus
    const item = event.target.closest("li");
    if (item && event.button === 0) location.assign(item.dataset.address);
  });
}

for (const field of document.querySelectorAll("input[data-suggestions]")) suggestTo(field);

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const box = document.getElementById("q");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});
