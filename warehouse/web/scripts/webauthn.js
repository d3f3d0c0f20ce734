// Security keys: asks the browser to make one or to sign with one, and sends what it answers.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const known = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

const ways = {
  "sign-in": (options) =>
    navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: known(options.allowCredentials),
      },
    }),
  add: (options) =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: known(options.excludeCredentials),
      },
    }),
};

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

class Failed extends Error {}

async function asked(path, form) {
  const sent = form && { method: "POST", body: new URLSearchParams(form) };
  const answer = await fetch(path, { headers: { Accept: "application/json" }, ...sent });
  // Signed out meanwhile, or asked for the password again: the page itself says what to do.
  if (answer.redirected || !answer.headers.get("content-type").startsWith("application/json")) location.reload();
  const said = await answer.json();
  if (said.fail) throw new Failed(said.fail.errors.join(" "));
  if (!answer.ok) throw new Failed(said.message);
  return said;
}

async function run(section) {
  const { securityKey, options, validate } = section.dataset;
  const fields = Object.fromEntries(
    [...section.querySelectorAll("input")]
      .filter((input) => input.type !== "checkbox" || input.checked)
      .map((input) => [input.name, input.value]),
  );
  const credential = await ways[securityKey](await asked(options));
  const said = await asked(validate, { ...fields, credential: written(credential) });
  location.assign(said.redirect_to);
}

function sentence(section, error) {
  if (error instanceof Failed) return error.message;
  if (error instanceof DOMException) return section.dataset.cancelled;
  return section.dataset.unreachable;
}

for (const section of document.querySelectorAll("[data-security-key]")) {
  const button = section.querySelector("button");
  const failure = section.querySelector("[role=alert]");
  const tell = (words) => {
    failure.textContent = words;
    failure.hidden = !words;
  };
  const start = async (event) => {
    event.preventDefault();
    tell("");
    button.disabled = true;
    try {
      await run(section);
    } catch (error) {
      tell(sentence(section, error));
      button.disabled = false;
    }
  };
  if (window.PublicKeyCredential) {
    button.disabled = false;
    (section.querySelector("form") ?? button).addEventListener(section.querySelector("form") ? "submit" : "click", start);
  } else {
    tell(section.dataset.unsupported);
  }
}
