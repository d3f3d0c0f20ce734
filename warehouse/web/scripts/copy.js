// Copy buttons: copies the text beside the button, and says so until attention goes elsewhere.

for (const section of document.querySelectorAll("[data-copy]")) {
  const button = section.querySelector("button[data-copied]");
  if (!navigator.clipboard || !button) continue;
  const words = button.textContent;
  const name = button.getAttribute("aria-label");
  const say = (text, label) => {
    button.textContent = text;
    if (name) button.setAttribute("aria-label", label);
  };
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(section.querySelector("pre, code").textContent);
    say(button.dataset.copied, button.dataset.copied);
  });
  button.addEventListener("blur", () => say(words, name));
}
