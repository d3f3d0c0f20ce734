// Shows the typed address once more before the form is sent: a mail to a mistyped one reaches nobody, or somebody else.
const form = document.querySelector("form[data-confirm-email]");
const dialog = document.getElementById("confirm-email");

if (form && dialog && typeof dialog.showModal === "function") {
  const address = form.elements.namedItem("email");
  let confirmed = "";

  form.addEventListener("submit", (event) => {
    if (address.value === confirmed) return;
    event.preventDefault();
    dialog.querySelector("[data-address]").textContent = address.value;
    dialog.showModal();
  });
  dialog.querySelector("[data-yes]").addEventListener("click", () => {
    confirmed = address.value;
    dialog.close();
    form.requestSubmit();
  });
  dialog.querySelector("[data-no]").addEventListener("click", () => {
    dialog.close();
    address.focus();
  });
}
