// What every page runs: GOV.UK behaviours, htmx, type-ahead fields, file comparison.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
  createAll,
} from "govuk-frontend";
import "htmx.org";

import { autocompleteFields } from "./autocomplete.js";
import { compareFiles } from "./compare.js";
import { keepTyped, previews } from "./editor.js";
import { fileFields } from "./file.js";
import { csrfToken } from "./http.js";

const behaviours = [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
];

function enliven(scope) {
  for (const behaviour of behaviours) createAll(behaviour, undefined, { scope });
  autocompleteFields(scope);
  compareFiles(scope);
  fileFields(scope);
  keepTyped(scope);
  previews(scope);
}

enliven(document);

document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (!["GET", "HEAD"].includes((request.method || "GET").toUpperCase())) request.headers["X-CSRFToken"] = csrfToken();
});
// New parts of the page come alive too; createAll leaves alone what already is.
document.addEventListener("htmx:after:process", (event) => {
  if (event.target instanceof HTMLElement && event.target !== document.body) enliven(event.target);
});
