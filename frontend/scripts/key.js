// Signing in and signing documents with a soft key (.p12). The key is opened here, in the browser, by PKI.js and WebCrypto; it is
// imported as non-extractable, used once, and neither it nor the password ever leaves the page or outlives the click.
import { NetworkLost, Problem, getBytes, getJson, postJson } from "./http.js";
import { Refused, openKey } from "./softkey.js";
import { checkSignedAttributes, fromBase64, hex, sha256, toBase64, toDer } from "./signing.js";

const form = document.getElementById("soft-key");
const message = (name) => form.dataset[`msg${name[0].toUpperCase()}${name.slice(1)}`] ?? form.dataset.msgFailed;
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function say(name) {
  document.getElementById("soft-key-status").textContent = name ? message(name) : "";
}

function complain(text, fieldId = "key-file") {
  const summary = document.getElementById("soft-key-errors");
  const link = document.createElement("a");
  link.href = `#${fieldId}`;
  link.textContent = text;
  summary.querySelector("li").replaceChildren(link);
  summary.hidden = false;
  summary.focus();
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(fieldId)?.focus();
  });
}

async function signIn(key) {
  const { nonce, tokenUrl, next } = form.dataset;
  const encode = (value) => sha256(new TextEncoder().encode(value));
  const challenge = new Uint8Array([...(await encode(location.origin)), ...(await encode(nonce))]);
  const token = {
    unverifiedCertificate: toBase64(key.certificate),
    algorithm: key.isEllipticCurve ? "ES256" : "RS256",
    signature: toBase64(await key.sign(challenge)),
    format: "web-eid:1.0",
    appVersion: "azexport-soft-key/1.0",
  };
  try {
    return (await postJson(tokenUrl, { token, next }, message("failed"))).location;
  } catch (error) {
    // A nonce is good for one try; the refusal brings the next one.
    if (error instanceof Problem && error.body.nonce) form.dataset.nonce = error.body.nonce;
    throw error;
  }
}

async function signDocument(key) {
  const { certificateUrl, signatureUrl, stateUrl, digest, size } = form.dataset;
  const prepared = await postJson(certificateUrl, { certificate: toBase64(key.certificate) }, message("failed"));
  const attributes = fromBase64(prepared.signed_attributes);
  const messageDigest = await checkSignedAttributes(attributes, prepared.digest, key.certificate);
  if (prepared.covered_url) {
    const covered = await getBytes(prepared.covered_url, message("failed"));
    const shown = covered.subarray(0, Number(size) || covered.length);
    if (hex(await sha256(covered)) !== messageDigest || (size && hex(await sha256(shown)) !== digest))
      throw new Refused("otherDocument");
  }
  const value = await key.sign(attributes);
  await postJson(
    signatureUrl,
    { signature: toBase64(key.isEllipticCurve ? toDer(value) : value) },
    message("failed"),
  );
  say("completing");
  return await completion(stateUrl);
}

// The document is completed by a job (revocation data, time stamps): ask until it is done. A lost answer is asked for again.
async function completion(stateUrl) {
  const until = Date.now() + 180_000;
  while (Date.now() < until) {
    try {
      const state = await getJson(stateUrl, message("failed"));
      if (["failed", "expired", "cancelled"].includes(state.status)) throw new Problem(state.message || message("failed"));
      if (state.location) return state.location;
      say("completing");
    } catch (error) {
      if (!(error instanceof NetworkLost)) throw error;
      say("reconnecting");
    }
    await pause(700);
  }
  throw new Refused("slow");
}

async function proceed() {
  const file = document.getElementById("key-file");
  const password = document.getElementById("key-password");
  const purpose = form.dataset.purpose;
  if (!file.files[0]) throw new Refused("noFile", "key-file");
  if (!password.value) throw new Refused("noPassword", "key-password");
  if (!window.isSecureContext || !window.crypto?.subtle) throw new Refused("insecure");
  say("opening");
  const key = await openKey(new Uint8Array(await file.files[0].arrayBuffer()), password.value, purpose);
  say(purpose === "sign" ? "signing" : "signingIn");
  return purpose === "sign" ? await signDocument(key) : await signIn(key);
}

async function submitted(event) {
  event.preventDefault();
  const button = document.getElementById("soft-key-submit");
  if (button.disabled) return;
  button.disabled = true;
  document.getElementById("soft-key-errors").hidden = true;
  try {
    const location_ = new URL(await proceed(), location.href);
    form.reset();
    if (location_.origin !== location.origin) throw new Problem(message("failed"));
    location.assign(location_);
  } catch (error) {
    say("");
    button.disabled = false;
    if (error instanceof Refused) complain(message(error.reason), error.field);
    else if (error instanceof NetworkLost) complain(message("network"));
    else if (error instanceof Problem) complain(error.message);
    else {
      console.error(error);
      complain(message("failed"));
    }
  }
}

form?.addEventListener("submit", submitted);
