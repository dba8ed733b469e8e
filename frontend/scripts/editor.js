// Writing a regulation: what is typed outlives a lost session; the preview shows what is being written.

const KEY = "azexport-typed:";

// What was typed and not sent stays in this window until the page it belongs to changes on the server.
export function keepTyped(scope) {
  const form = scope.querySelector("form[data-keep]:not([data-enhanced])");
  if (!form) return;
  form.dataset.enhanced = "";
  const key = KEY + location.pathname;
  const kept = read(key);
  if (kept && kept.was === form.dataset.keep) restore(form, kept.values);
  else sessionStorage.removeItem(key);
  const state = form.querySelector("[data-save-state]");
  form.addEventListener("input", () => {
    if (state && state.textContent !== state.dataset.unsaved) {
      state.textContent = state.dataset.unsaved;
      state.classList.add("az-save-state--open");
    }
    sessionStorage.setItem(key, JSON.stringify({ was: form.dataset.keep, values: valuesOf(form) }));
  });
}

// Whoever is no longer signed in learns it while typing, not when saving.
document.addEventListener("htmx:response:error", (event) => {
  const notice = document.querySelector("[data-signed-out]");
  if (notice && event.detail.ctx.response.status === 403) notice.hidden = false;
});

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function valuesOf(form) {
  const values = [];
  for (const [name, value] of new FormData(form))
    if (typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "was") values.push([name, value]);
  return values;
}

function restore(form, values) {
  if (same(valuesOf(form), values)) return;
  const given = new Map();
  for (const [name, value] of values) given.set(name, [...(given.get(name) ?? []), value]);
  const fill = () => {
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "submit" || field.type === "file") continue;
      const wanted = given.get(field.name) ?? [];
      if (field.type === "checkbox" || field.type === "radio") field.checked = wanted.includes(field.value);
      else if (given.has(field.name)) field.value = wanted[0];
    }
  };
  fill();
  const notice = document.querySelector("[data-keep-notice]");
  if (notice) notice.hidden = false;
  // The form may look otherwise for what was picked: it is filled again once it does.
  const picking = form.querySelector("[hx-target='#part-fields']");
  if (picking) {
    document.addEventListener("htmx:after:swap", fill, { once: true });
    whenReady(() => picking.dispatchEvent(new Event("change", { bubbles: true })));
  } else whenReady(() => form.dispatchEvent(new Event("input", { bubbles: true })));
}

// htmx listens once the page is loaded.
function whenReady(act) {
  if (document.readyState === "complete") setTimeout(act);
  else addEventListener("load", () => setTimeout(act), { once: true });
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

// On a narrow screen the preview stands below the form, closed; what is being edited is in view.
export function previews(scope) {
  const pane = scope.querySelector("details[data-narrow-closed]:not([data-enhanced])");
  if (pane) {
    pane.dataset.enhanced = "";
    if (matchMedia("(max-width: 60em)").matches) pane.removeAttribute("open");
    pane.addEventListener("change", showEdited);
  }
  showEdited();
}

function showEdited() {
  for (const pane of document.querySelectorAll(".az-preview__pane")) {
    const here = pane.querySelector(".az-clause--here");
    if (here && pane.offsetParent) pane.scrollTop = here.offsetTop - pane.offsetTop - 8;
  }
}
