// Small comforts. Every page works without this file.
(() => {
  "use strict";

  const announce = () => {
    // A live region speaks only of what changes after it appeared, so put its words back once.
    for (const region of document.querySelectorAll("#status, [data-announce]")) {
      if (!region.textContent.trim()) continue;
      setTimeout(() => {
        // Whoever is there already hears it, and must not lose their place.
        if (!region.contains(document.activeElement)) region.replaceChildren(...region.childNodes);
      }, 300);
    }
  };

  const focusSummary = (root) => {
    const summary = root.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  };

  // -- A checkbox says whether the field that it reveals is open -------------------------------
  const syncExpanded = (root) => {
    for (const box of root.querySelectorAll("input[type=checkbox][aria-controls]")) {
      box.setAttribute("aria-expanded", String(box.checked));
    }
  };

  const prepare = (root) => {
    syncExpanded(root);
    for (const button of root.querySelectorAll("[data-close], [data-copy]")) button.hidden = false;
  };

  document.addEventListener("change", () => syncExpanded(document));

  // -- One press, one request -------------------------------------------------------------------
  const sending = new WeakMap();

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return; // htmx has it
    const form = event.target;
    if (form.method !== "post") return;
    if (Date.now() - (sending.get(form) ?? 0) < 4000) {
      event.preventDefault();
      return;
    }
    sending.set(form, Date.now());
  });

  // Back from the next page: the form may be sent again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.forms) sending.delete(form);
  });

  // -- Keys -------------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form[data-ctrl-enter]");
      if (form) {
        event.preventDefault();
        // The primary one: others may stand before it.
        form.requestSubmit(form.querySelector("[type=submit]:not([data-variant])"));
      }
    }
    if (event.key === "k" && (event.ctrlKey || event.metaKey) && "shortcuts" in document.body.dataset) {
      const box = document.querySelector("[data-search], [role=search] input[type=search]");
      if (box) {
        event.preventDefault();
        box.focus();
      }
    }
    if (event.key === "Escape") closeMenus(document.activeElement);
  });

  const closeMenus = (focused) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      const hadFocus = menu.contains(focused);
      menu.open = false;
      if (hadFocus) menu.querySelector("summary").focus();
    }
  };

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const close = event.target.closest("[data-close]");
    if (close) {
      close.closest(".notice").remove();
      document.getElementById("main").focus();
    }
  });

  // -- Words to copy: the field can be marked by hand as well -----------------------------------
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-of]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copyOf);
    const answer = button.parentElement.querySelector("[data-copied]");
    answer.textContent = "";
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select(); // not allowed here: it is marked, and Ctrl+C does the rest
      return;
    }
    answer.textContent = answer.dataset.copied;
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    prepare(event.target);
    focusSummary(event.target);
  });

  prepare(document);
  announce();
  focusSummary(document);
})();
