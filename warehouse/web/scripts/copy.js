// Copy buttons: copies the text beside the button, and says so until attention goes elsewhere.

for (const section of document.querySelectorAll("[data-copy]")) {
  const button = section.querySelector("button[data-copied]");
  const words = button.textContent;
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(section.querySelector("pre").textContent);
    button.textContent = button.dataset.copied;
  });
  button.addEventListener("blur", () => (button.textContent = words));
}
