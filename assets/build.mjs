// Writes what the browser needs into src/tongdian/ui/static/vendor/ (ignored by git); run by `npm run build`.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";
import { compile } from "sass";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "src/tongdian/ui/static/vendor");

// Bootstrap 5.3 is written for Sass's older module system; the warnings are about its source, not ours.
const { css } = compile(join(root, "assets/bootstrap.scss"), {
  loadPaths: [join(root, "node_modules")],
  style: "compressed",
  charset: false,
  quietDeps: true,
  silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
});

mkdirSync(target, { recursive: true });
writeFileSync(join(target, "bootstrap.css"), css);
console.log(`vendor/bootstrap.css ${(css.length / 1024).toFixed(0)} KB`);
