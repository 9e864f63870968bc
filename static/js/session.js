// Warns two minutes before the session ends. The server knows when: other windows keep it open too.
(() => {
  "use strict";

  const dialog = document.querySelector("[data-session-warning]");
  if (!dialog) return;

  const WARNING = 120; // seconds before the end
  const SAID_AT = [20, 60, 120]; // when the words change, so that a screen reader says them
  const ASK_EVERY = 10; // seconds, while the warning is open
  const stay = dialog.querySelector("[data-session-stay]");
  const title = dialog.querySelector("h2");
  let endsAt = Date.now() + Number(dialog.dataset.seconds) * 1000;
  let mayStay = true;
  let closedByHand = false;
  let askAgainAt = 0;

  const left = () => (endsAt - Date.now()) / 1000;

  const ask = async (options = {}) => {
    askAgainAt = Date.now() + ASK_EVERY * 1000;
    const response = await fetch(stay.action, { ...options, headers: { Accept: "application/json" } });
    const answer = response.ok ? await response.json() : { seconds: 0, may_stay: false };
    endsAt = Date.now() + answer.seconds * 1000;
    mayStay = answer.may_stay;
  };

  const show = () => {
    const say = dialog.dataset[`words-${SAID_AT.find((seconds) => left() <= seconds)}`];
    if (say && title.textContent !== say) title.textContent = say;
    for (const part of dialog.querySelectorAll("[data-session-may-stay]")) part.hidden = !mayStay;
    for (const part of dialog.querySelectorAll("[data-session-final]")) part.hidden = mayStay;
    if (!dialog.open && !closedByHand) dialog.showModal();
  };

  const tick = async () => {
    if (left() <= WARNING && Date.now() >= askAgainAt) {
      // Without an answer nothing is known, and nothing that was typed is thrown away.
      try {
        await ask();
      } catch {
        return;
      }
      // The server sends to sign-in, and back to this page afterwards.
      if (left() <= 0) return location.replace(location.pathname + location.search);
    }
    if (left() > WARNING) {
      closedByHand = false;
      if (dialog.open) dialog.close();
    } else if (left() > 0) {
      show();
    }
  };

  const stayOn = async () => {
    if (!mayStay) {
      closedByHand = true;
      dialog.close();
      return;
    }
    try {
      await ask({ method: "POST", body: new FormData(stay) });
    } catch {
      return; // the next tick asks again
    }
    await tick();
  };

  stay.addEventListener("submit", (event) => {
    event.preventDefault();
    stayOn();
  });
  dialog.querySelector("form[method=dialog]").addEventListener("submit", (event) => {
    event.preventDefault();
    stayOn();
  });
  // Escape is the safe choice: to stay.
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stayOn();
  });

  setInterval(tick, 1000);
  tick();
})();
