// Talking to the portal from a script: CSRF header, problem details (RFC 9457) as errors a person can read.

export class Problem extends Error {
  constructor(message, body = {}) {
    super(message);
    this.body = body;
  }
}
export class NetworkLost extends Error {}

export function csrfToken() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

async function answer(url, options, fallback) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new NetworkLost();
  }
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const body = isJson ? await response.json() : {};
  if (!response.ok) {
    const violations = (body.violations ?? []).map((one) => one.message).filter(Boolean);
    throw new Problem(violations.join(" ") || body.detail || body.title || fallback, body);
  }
  return body;
}

export function postJson(url, data, fallback) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() };
  return answer(url, { method: "POST", headers, body: JSON.stringify(data) }, fallback);
}

export function getJson(url, fallback) {
  return answer(url, { headers: { Accept: "application/json" } }, fallback);
}

export async function getBytes(url, fallback) {
  try {
    const response = await fetch(url, { credentials: "same-origin", cache: "no-store" });
    if (!response.ok) throw new Problem(fallback);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw error instanceof Problem ? error : new NetworkLost();
  }
}
