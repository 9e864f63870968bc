// Security keys: the browser asks the key, and the form sends what it answered.
(() => {
  "use strict";

  const ask = { create: window.webauthnJSON.create, get: window.webauthnJSON.get };

  for (const form of document.querySelectorAll("form[data-webauthn]")) {
    form.hidden = !window.PublicKeyCredential;
    const error = form.querySelector("[data-webauthn-error]");

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      error.hidden = true;
      try {
        const answer = await ask[form.dataset.webauthn](JSON.parse(form.dataset.options));
        form.elements.credential.value = JSON.stringify(answer);
        form.submit();
      } catch {
        error.hidden = false;
        form.querySelector("button").focus();
      }
    });
  }
})();
