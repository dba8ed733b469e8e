// "Is my copy the same?": the chosen file's SHA-256 is computed here; the file goes nowhere.
export function hex(bytes) {
  return [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");
}

export function compareFiles(scope) {
  for (const field of scope.querySelectorAll("input[type=file][data-compare-digest]:not([data-enhanced])")) {
    field.dataset.enhanced = "";
    const result = document.getElementById(field.dataset.compareResult);
    field.addEventListener("change", async () => {
      const [file] = field.files;
      if (!file) return;
      const digest = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      const same = digest === field.dataset.compareDigest;
      result.classList.toggle("az-verdict--bad", !same);
      result.hidden = false;
      result.querySelector("p").textContent = same ? field.dataset.msgSame : field.dataset.msgDifferent;
    });
  }
}
