// The list of classifiers: shows those that contain all the words that are typed.

for (const list of document.querySelectorAll("[data-classifiers]")) {
  const form = list.querySelector("form");
  const field = form.querySelector("input");
  const shown = form.querySelector("[data-shown]");
  const lines = [...list.querySelectorAll("li")].map((line) => [line, line.firstChild.textContent.toLowerCase()]);

  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [line, text] of lines) {
      line.hidden = !words.every((word) => text.includes(word));
      count += !line.hidden;
    }
    for (const section of list.querySelectorAll("section")) section.hidden = !section.querySelector("li:not([hidden])");
    shown.textContent = words.length ? shown.dataset.shown.replace("{shown}", count).replace("{all}", lines.length) : "";
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", filter);
  filter();
}
