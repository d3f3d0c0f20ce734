// Tabs: one panel of the page at a time, chosen by the address, by clicking, or by the arrow keys (WAI-ARIA tabs pattern).

// What an address names after its #; nothing where that cannot be read.
function named(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}

for (const list of document.querySelectorAll("[data-tabs]")) {
  const panels = list.parentElement.querySelector(".panels");
  const tabs = [...list.querySelectorAll("a[href^='#']")];
  const panelOf = (tab) => document.getElementById(tab.hash.slice(1));
  const backwards = getComputedStyle(list).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
  const forwards = backwards === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";

  const show = (chosen) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      panelOf(tab).hidden = !isChosen;
    }
  };

  // Whatever the address names, be it a heading in a description, is shown with the panel that holds it.
  const follow = () => {
    const target = location.hash && document.getElementById(named(location.hash));
    const chosen = target && tabs.find((tab) => panelOf(tab).contains(target));
    if (!chosen) return;
    show(chosen);
    // On a phone the row of tabs is moved sideways, so that the one chosen is seen.
    const [row, tab] = [list, chosen].map((each) => each.getBoundingClientRect());
    list.scrollBy(tab.left + tab.width / 2 - row.left - row.width / 2, 0);
    if (target !== panelOf(chosen)) target.scrollIntoView();
  };

  const choose = (tab) => {
    show(tab);
    history.replaceState(history.state, "", tab.hash);
  };

  list.setAttribute("role", "tablist");
  for (const tab of tabs) {
    const panel = panelOf(tab);
    tab.id ||= `tab-${panel.id}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.removeAttribute("aria-label");
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      choose(tab);
    });
    tab.addEventListener("keydown", (event) => {
      const at = tabs.indexOf(tab);
      const next = {
        [backwards]: tabs.at(at - 1),
        [forwards]: tabs[(at + 1) % tabs.length],
        Home: tabs[0],
        End: tabs.at(-1),
        " ": tab,
      }[event.key];
      if (!next) return;
      event.preventDefault();
      choose(next);
      next.focus();
    });
  }
  show(tabs[0]);
  panels.dataset.ready = "";
  follow();
  addEventListener("hashchange", follow);
}
