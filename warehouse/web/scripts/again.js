// Asks again for a page that is being prepared, and shows it as soon as it is there.
const LONGEST_PAUSE = 8000; // milliseconds

async function askAgain(pause) {
  await new Promise((resolve) => setTimeout(resolve, pause));
  const response = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (response && response.status !== 202 && response.status !== 429) location.reload();
  else askAgain(Math.min(pause * 1.5, LONGEST_PAUSE));
}

askAgain(700);
