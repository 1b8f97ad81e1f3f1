/**
 * Writes migrations/<n>/migration.sql: what `prisma migrate diff --from-empty --to-schema schema.prisma --script` prints.
 * That command wants an engine that is no npm package; the same engine, compiled to WebAssembly, is one. PG_URL names
 * any Postgres, whose dialect the engine asks for; nothing is made there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
// Node does not import a .wasm by itself yet: the package's own glue, wired by hand.
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";

const FILE = "migrations/20240702090000_init/migration.sql";

type Exports = WebAssembly.Exports & { __wbindgen_start(): void };
type Glue = typeof glue & { __wbg_set_wasm(exports: WebAssembly.Exports): void };

function engine(): typeof glue.SchemaEngine {
  const path = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm").replace(/\.js$/, "_bg.wasm");
  const module = new WebAssembly.Module(readFileSync(path));
  const imports = { "./schema_engine_bg.js": glue as unknown as WebAssembly.ModuleImports };
  const exports = new WebAssembly.Instance(module, imports).exports as Exports;
  (glue as Glue).__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  return glue.SchemaEngine;
}

const server = process.env.PG_URL;
if (!server) throw new Error("PG_URL is not set: any Postgres");
const content = readFileSync("schema.prisma", "utf8");
const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: server }));
const schemaEngine = await engine().new({ datamodels: [["schema.prisma", content]] }, () => {}, adapter);
const { stdout } = await schemaEngine.diff({
  from: { tag: "empty" },
  to: { tag: "schemaDatamodel", files: [{ path: "schema.prisma", content }] },
  script: true,
  exitCode: null,
  shadowDatabaseUrl: null,
  filters: { externalTables: [], externalEnums: [] },
} as Parameters<typeof schemaEngine.diff>[0]);
if (!stdout) throw new Error("The schema engine wrote nothing");
console.log(stdout === readFileSync(FILE, "utf8") ? `${FILE}: unchanged` : `${FILE}: written anew`);
writeFileSync(FILE, stdout);
process.exit(); // the engine keeps its connection
