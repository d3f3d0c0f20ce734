// Fills the places that a page which is the same for everybody leaves for whoever is signed in.
const cookies = document.cookie.split("; ").map((cookie) => cookie.split("=")[0]);
const FOR_ACCOUNTS = "/_includes/authed/";
const FLASHES = "/_includes/unauthed/flash-messages/";

// Without the cookie that goes with it there is nothing to ask for, so that most visitors ask for nothing.
function isWorthAsking(path) {
  if (path.startsWith(FOR_ACCOUNTS)) return cookies.includes("user_id__insecure");
  return path !== FLASHES || cookies.includes("flashes");
}

async function fill(place) {
  const path = place.dataset.htmlInclude;
  if (!isWorthAsking(path)) return;
  const response = await fetch(path, { credentials: "same-origin" });
  if (response.ok) place.innerHTML = await response.text();
  else if (response.status !== 403) place.replaceChildren();
}

await Promise.allSettled([...document.querySelectorAll("[data-html-include]")].map(fill));
document.dispatchEvent(new CustomEvent("CSILoaded"));
