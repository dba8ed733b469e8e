// Builds dist/ from styles/, scripts/, images/ and the installed packages. Called by tools/frontend.py with the target folder.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2];
const modules = join(here, "node_modules");

for (const folder of ["css", "js", "images", "fonts", "fonts-pdf"]) await mkdir(join(target, folder), { recursive: true });

const style = sass.compile(join(here, "styles", "azexport.scss"), {
  style: "compressed",
  loadPaths: [modules, here, join(here, "styles")],
  quietDeps: true,
  charset: true,
});
// GOV.UK's crest and MOJ's icon folder are not ours: no reference to them stays.
const css = style.css.replace(/url\("\.\.\/images\/govuk-crest\.svg"\)/g, "none").replace(/icon-document\.svg/g, "document.svg");
await writeFile(join(target, "css", "azexport.css"), css);

await esbuild.build({
  entryPoints: [join(here, "scripts", "azexport.js"), join(here, "scripts", "key.js")],
  outdir: join(target, "js"),
  bundle: true,
  splitting: false,
  format: "esm",
  target: ["es2022"],
  minify: true,
  legalComments: "linked",
  logLevel: "warning",
});
await esbuild.build({
  entryPoints: [join(here, "scripts", "boot.js")],
  outdir: join(target, "js"),
  format: "iife",
  target: ["es2022"],
  minify: true,
  logLevel: "warning",
});

for (const subset of ["latin", "latin-ext"])
  for (const face of ["400-normal", "400-italic", "600-normal", "700-normal"]) {
    const name = `noto-sans-${subset}-${face}.woff2`;
    await cp(join(modules, "@fontsource/noto-sans/files", name), join(target, "fonts", name));
  }
const faces = { "400Regular": "Regular", "400Regular_Italic": "Italic", "500Medium": "Medium", "600SemiBold": "SemiBold", "700Bold": "Bold", "700Bold_Italic": "BoldItalic" };
for (const [folder, name] of Object.entries(faces))
  await cp(
    join(modules, "@expo-google-fonts/noto-sans", folder, `NotoSans_${folder}.ttf`),
    join(target, "fonts-pdf", `NotoSans-${name}.ttf`),
  );
for (const name of ["mark", "azexport", "favicon", "document", "star"])
  await cp(join(here, "images", `${name}.svg`), join(target, "images", `${name}.svg`));
