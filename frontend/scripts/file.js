// Says which file was chosen, in the page's own words.
export function fileFields(scope) {
  for (const wrapper of scope.querySelectorAll("[data-az-file]:not([data-enhanced])")) {
    wrapper.dataset.enhanced = "";
    const input = wrapper.querySelector("input[type=file]");
    const name = wrapper.querySelector(".az-file__name");
    const nothing = name.textContent;
    const show = () => {
      const names = [...input.files].map((file) => file.name).join(", ");
      name.textContent = names || nothing;
      wrapper.classList.toggle("az-file--chosen", Boolean(names));
    };
    input.addEventListener("change", show);
    input.form?.addEventListener("reset", () => setTimeout(show));
    show();
  }
}
