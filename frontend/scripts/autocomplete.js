// Type-ahead on a text field (data-autocomplete="/url") or a long select (data-autocomplete="select").
// Without scripts the field stays what it was: a place to type the code, or a list to choose from.
import accessibleAutocomplete from "accessible-autocomplete";

const text = () => document.getElementById("az-texts")?.dataset ?? {};

function texts(hint = "") {
  const t = text();
  return {
    tNoResults: () => t.noResults,
    tStatusQueryTooShort: (length) => t.tooShort.replace("%s", length),
    tStatusNoResults: () => t.noResults,
    tStatusSelectedOption: (option, total, position) => `${option} ${position}/${total}`,
    tStatusResults: (count, selected) => `${t.results.replace("%s", count)} ${selected}`,
    tAssistiveHint: () => `${hint} ${t.hint}`.trim(),
  };
}

function escapeHtml(value) {
  const holder = document.createElement("span");
  holder.textContent = value;
  return holder.innerHTML;
}

function hintOf(field) {
  const ids = (field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  return ids.map((id) => document.getElementById(id)?.textContent.trim() ?? "").join(" ");
}

// One request at a time, the newest wins, none while the person is still typing.
function suggestionsFrom(url) {
  let timer;
  let running;
  return (query, populate) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      running?.abort();
      running = new AbortController();
      const address = new URL(url, location.href);
      address.searchParams.set("q", query);
      try {
        const response = await fetch(address, { signal: running.signal, headers: { Accept: "application/json" } });
        if (response.ok) populate((await response.json()).results ?? []);
      } catch (error) {
        if (error.name !== "AbortError") populate([]);
      }
    }, 150);
  };
}

// The label of a code that the form came back with.
async function labelOf(url, code) {
  const address = new URL(url, location.href);
  address.searchParams.set("q", code);
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    const found = response.ok ? ((await response.json()).results ?? []) : [];
    return found.find((one) => one.value === code)?.label ?? "";
  } catch {
    return "";
  }
}

async function enhanceText(field) {
  const known = !field.value || field.dataset.label?.replace(/\D/g, "").startsWith(field.value.slice(0, 6));
  const label = known ? field.dataset.label : await labelOf(field.dataset.autocomplete, field.value);
  const value = document.createElement("input");
  value.type = "hidden";
  value.name = field.name;
  value.value = field.value;
  const place = document.createElement("div");
  field.before(place, value);
  field.remove();
  accessibleAutocomplete({
    element: place,
    id: field.id,
    name: "",
    minLength: 2,
    confirmOnBlur: false,
    showAllValues: false,
    defaultValue: field.value ? label || field.value : "",
    source: suggestionsFrom(field.dataset.autocomplete),
    templates: { inputValue: (one) => one?.label ?? "", suggestion: (one) => escapeHtml(one?.label ?? one ?? "") },
    onConfirm: (one) => {
      if (!one) return;
      value.value = one.value;
      value.dispatchEvent(new Event("change", { bubbles: true }));
    },
    ...texts(hintOf(field)),
  });
  const input = place.querySelector("input");
  input.addEventListener("input", () => {
    value.value = input.value;
  });
  if (field.getAttribute("aria-invalid") === "true") input.setAttribute("aria-invalid", "true");
}

export function autocompleteFields(scope) {
  for (const field of scope.querySelectorAll("input[data-autocomplete]:not([data-enhanced])")) {
    field.dataset.enhanced = "";
    enhanceText(field);
  }
  for (const field of scope.querySelectorAll("select[data-autocomplete]:not([data-enhanced])")) {
    field.dataset.enhanced = "";
    accessibleAutocomplete.enhanceSelectElement({
      selectElement: field,
      defaultValue: field.value ? undefined : "",
      preserveNullOptions: false,
      showAllValues: true,
      dropdownArrow: () => "",
      ...texts(hintOf(field)),
    });
  }
}
