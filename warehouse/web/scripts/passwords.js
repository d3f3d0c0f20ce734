// Passwords: shows what is typed to whoever asks for it, and says before the form is sent that two are not the same.

for (const reveal of document.querySelectorAll("[data-reveal]")) {
  const form = reveal.closest("form");
  const box = reveal.querySelector("input");
  const fields = [...form.querySelectorAll("input[type=password]")];
  const show = (shown) => fields.forEach((field) => (field.type = shown ? "text" : "password"));

  reveal.hidden = false;
  box.addEventListener("change", () => show(box.checked));
  // Browsers offer again what was once typed into a text field.
  form.addEventListener("submit", () => show((box.checked = false)));

  const first = form.elements["new_password"];
  const second = form.elements["password_confirm"];
  if (first && second) {
    const compare = () =>
      second.setCustomValidity(second.value && first.value !== second.value ? reveal.dataset.different : "");
    first.addEventListener("input", compare);
    second.addEventListener("input", compare);
  }
}
