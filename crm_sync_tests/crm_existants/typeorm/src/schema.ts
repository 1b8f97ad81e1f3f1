/**
 * Writes core.sql, commercial.sql and finance.sql: what TypeORM's own schema builder (and the migrations beside the
 * entities) make of an empty database. PG_URL names a Postgres where three databases may be created and dropped.
 */
import "reflect-metadata";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client as PgClient } from "pg";
import { DataSource, MigrationInterface } from "typeorm";
import { ContractEvents1719830400000 } from "./commercial/1719830400000-contract-events";
import { Broker } from "./commercial/broker.entity";
import { ContractEvent } from "./commercial/contract-event.entity";
import { Contract } from "./commercial/contract.entity";
import { Client } from "./core/client.entity";
import { Organization } from "./core/organization.entity";
import { User } from "./core/user.entity";
import { Commission } from "./finance/commission.entity";

type Service = { name: string; entities: Function[]; migrations: MigrationInterface[] };

const SERVICES: Service[] = [
  { name: "core", entities: [Organization, User, Client], migrations: [] },
  {
    name: "commercial",
    entities: [Broker, Contract, ContractEvent],
    migrations: [new ContractEvents1719830400000()],
  },
  { name: "finance", entities: [Commission], migrations: [] },
];

async function statements(service: Service, server: string): Promise<string[]> {
  const url = new URL(server);
  url.pathname = `/typeorm_schema_${service.name}`;
  const source = new DataSource({
    type: "postgres",
    url: url.href,
    entities: service.entities,
    uuidExtension: "pgcrypto", // gen_random_uuid(), in core since Postgres 13: no extension to install
    installExtensions: false,
  });
  await source.initialize();
  try {
    const queries = (await source.driver.createSchemaBuilder().log()).upQueries.map((up) => up.query);
    await source.synchronize();
    const runner = source.createQueryRunner();
    const run = runner.query.bind(runner) as (query: string) => Promise<unknown>;
    runner.query = (query: string) => {
      queries.push(query);
      return run(query) as Promise<any>;
    };
    for (const migration of service.migrations) await migration.up(runner);
    await runner.release();
    const left = (await source.driver.createSchemaBuilder().log()).upQueries;
    if (left.length) throw new Error(`${service.name}: TypeORM would still change ${left[0].query}`);
    return queries;
  } finally {
    await source.destroy();
  }
}

async function main(): Promise<void> {
  const server = process.env.PG_URL;
  if (!server) throw new Error("PG_URL is not set: a Postgres where databases may be created");
  const admin = new PgClient({ connectionString: server });
  await admin.connect();
  for (const service of SERVICES) {
    const scratch = `typeorm_schema_${service.name}`;
    await admin.query(`DROP DATABASE IF EXISTS ${scratch}`);
    await admin.query(`CREATE DATABASE ${scratch}`);
    const queries = await statements(service, server);
    await admin.query(`DROP DATABASE ${scratch}`);
    const lines = queries.map((query) => `${query.trim().replace(/;$/, "")};\n`);
    const head = "-- Made by TypeORM from src/: npm run schema. Not edited by hand.\n";
    writeFileSync(join(__dirname, "..", `${service.name}.sql`), head + lines.join(""));
  }
  await admin.end();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
