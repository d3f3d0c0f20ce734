// The filters and the order of a search: a change asks again at once.

for (const form of document.querySelectorAll("[data-filters]")) {
  form.addEventListener("change", () => form.requestSubmit());
  // The select stands beside the results, and belongs to the form all the same: its changes do not pass by here.
  for (const field of form.elements) {
    if (!form.contains(field)) field.addEventListener("change", () => form.requestSubmit());
  }
  // What says nothing need not be in the address.
  form.addEventListener("formdata", ({ formData }) => {
    for (const name of ["q", "o"]) if (formData.get(name) === "") formData.delete(name);
  });
}
