// Builds what the gateway serves: `node bot/widget/build.mjs [--check]`.
// `built/` is committed, so that the product runs without node. --check builds twice
// and fails unless both builds and the committed files are the same, byte for byte.

import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const HERE = import.meta.dirname;
const BUILT = join(HERE, "built");
const OPTIONS = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  write: false,
  outdir: BUILT,
  charset: "utf8",
  legalComments: "none",
  // Phones of about 2020 and later; newer features are used only where they can fail.
  target: ["chrome91", "firefox89", "safari14.1"],
};

/** The loader carries its style sheet as a text, minified like any other. */
const sheetAsText = {
  name: "sheet",
  setup(builder) {
    builder.onLoad({ filter: /loader\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({ ...OPTIONS, entryPoints: [path] });
      return { contents: outputFiles[0].text.trim(), loader: "text" };
    });
  },
};

/** Of all texts, the loader carries its own few. */
const fewWords = {
  name: "words",
  setup(builder) {
    builder.onLoad({ filter: /texts\.json$/ }, async ({ path }) => {
      const { vi, en } = JSON.parse(await readFile(path, "utf8"));
      const contents = JSON.stringify({ vi: vi.loader, en: en.loader });
      return { contents, loader: "json" };
    });
  },
};

/** Build everything; returns name -> bytes. */
async function outputs() {
  const parts = [
    { entryPoints: ["frame.js", "leave.js"], format: "esm" },
    { entryPoints: ["loader.js"], format: "iife", plugins: [sheetAsText, fewWords] },
    { entryPoints: ["frame.css", "dark.css", "pages.css"] },
  ];
  const built = await Promise.all(parts.map((part) => build({ ...OPTIONS, ...part })));
  const files = built.flatMap((result) => result.outputFiles);
  return new Map(files.map((file) => [file.path, Buffer.from(file.contents)]));
}

const same = (one, other) =>
  one.size === other.size &&
  [...one].every(([path, bytes]) => other.get(path)?.equals(bytes));

async function committed() {
  const names = await readdir(BUILT).catch(() => []);
  const read = async (name) => [join(BUILT, name), await readFile(join(BUILT, name))];
  return new Map(await Promise.all(names.map(read)));
}

const fresh = await outputs();
if (!process.argv.includes("--check")) {
  await rm(BUILT, { recursive: true, force: true });
  await mkdir(BUILT);
  for (const [path, bytes] of fresh) await writeFile(path, bytes);
} else if (!same(fresh, await outputs())) {
  throw new Error("two builds of the widget differ; pin what they depend on");
} else if (!same(fresh, await committed())) {
  console.error("bot/widget/built is not what its sources give; run `make widget`.");
  process.exitCode = 1;
}
