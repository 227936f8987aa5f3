// Passkeys (WebAuthn) on sign-in, second step, re-check and "add a passkey".
//
// A form with data-passkey="login", "check" or "add" is sent only once the browser has a credential, which goes into
// its hidden field `credential` as JSON. The options come from data-options, or for "login" from the form's address.

import { t } from "./words.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const withId = (credential) => ({ ...credential, id: bytes(credential.id) });

function forCreating(publicKey, passwordless) {
  const selection = { ...publicKey.authenticatorSelection };
  selection.residentKey = passwordless ? "required" : "discouraged";
  selection.requireResidentKey = passwordless;
  if (passwordless) selection.userVerification = "required";
  return {
    ...publicKey,
    authenticatorSelection: selection,
    challenge: bytes(publicKey.challenge),
    user: withId(publicKey.user),
    excludeCredentials: (publicKey.excludeCredentials ?? []).map(withId),
  };
}

function forAsking(publicKey) {
  return {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    allowCredentials: (publicKey.allowCredentials ?? []).map(withId),
  };
}

function asJson(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    parts.attestationObject = text(response.attestationObject);
    parts.transports = response.getTransports?.() ?? [];
  } else {
    parts.authenticatorData = text(response.authenticatorData);
    parts.signature = text(response.signature);
    parts.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: parts,
  };
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`The desk answered ${response.status}.`);
  return (await response.json()).request_options;
}

async function credentialFor(form) {
  const { publicKey } = await optionsOf(form);
  if (form.dataset.passkey !== "add") return navigator.credentials.get({ publicKey: forAsking(publicKey) });
  const passwordless = form.elements.namedItem("passwordless")?.checked ?? false;
  return navigator.credentials.create({ publicKey: forCreating(publicKey, passwordless) });
}

function wordsFor(error) {
  if (error.name === "InvalidStateError") return t("This device already holds a passkey for your account.");
  if (error.name === "NotAllowedError") return t("No passkey was used. Try again, or sign in another way.");
  if (error.name === "SecurityError") return t("Passkeys need https and a name, not an address of digits.");
  return t("That didn't work. Try again, or sign in another way.");
}

async function send(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const line = form.querySelector("[data-passkey-error]");
  const button = form.querySelector("[type=submit]");
  line.hidden = true;
  button.disabled = true;
  try {
    form.elements.namedItem("credential").value = JSON.stringify(asJson(await credentialFor(form)));
    form.submit();
  } catch (error) {
    line.textContent = wordsFor(error);
    line.hidden = false;
    button.disabled = false;
  }
}

/** WebAuthn wants a secure page on a named host; http://localhost counts, http://127.0.0.1 does not. */
const isAble = () => Boolean(window.PublicKeyCredential) && !/^[\d.]+$|^\[/.test(location.hostname);

export function start() {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!isAble()) {
      form.querySelector("[data-passkey-unable]")?.removeAttribute("hidden");
      continue;
    }
    form.hidden = false;
    form.addEventListener("submit", send);
  }
}
