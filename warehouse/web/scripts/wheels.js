// Filters the list of wheels while one types and chooses; the address then says what is asked, to be copied.

for (const form of document.querySelectorAll("[data-wheels]")) {
  const wheels = [...document.querySelectorAll("[data-wheel]")];
  const count = form.querySelector("[data-count]");
  const fields = [...form.elements].filter((field) => field.name);
  // The page lists what the address asked for: without the others there is nothing to choose from.
  if (fields.some((field) => field.value)) continue;
  form.querySelector("button").hidden = true;

  const has = (wheel, { name, value }) =>
    (name === "filename" ? wheel.id.toLowerCase() : wheel.dataset[name]).includes(name === "filename" ? value.toLowerCase() : value);

  form.addEventListener("input", () => {
    const asked = fields.filter((field) => field.value);
    for (const wheel of wheels) wheel.hidden = !asked.every((field) => has(wheel, field));
    const shown = wheels.filter((wheel) => !wheel.hidden).length;
    count.textContent = count.dataset.count.replace("%1", shown).replace("%2", wheels.length);
    const query = new URLSearchParams(asked.map((field) => [field.name, field.value]));
    history.replaceState(history.state, "", `${asked.length ? `?${query}` : location.pathname}#files`);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}
