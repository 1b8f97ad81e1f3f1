/** A database that lives as long as `work`: PG_URL names a Postgres where one may be created and dropped. */
import pg from "pg";

export async function withScratch(name: string, work: (url: string) => Promise<void>): Promise<void> {
  const server = process.env.PG_URL;
  if (!server) throw new Error("PG_URL is not set: a Postgres where a database may be created");
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${name}`);
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    await work(url.href);
    await admin.query(`DROP DATABASE ${name}`);
  } finally {
    await admin.end();
  }
}
