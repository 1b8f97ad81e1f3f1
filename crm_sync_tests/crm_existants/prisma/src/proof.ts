/**
 * Proves that migration.sql fits schema.prisma: the generated client writes and reads every model, every enum value and
 * every default in a database made from that SQL alone.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "./generated/client.js";
import { Civilite, ModePaiement, Origine, Role, StatutContrat } from "./generated/enums.js";
import { withScratch } from "./scratch.js";

const SIGNED = new Date("2025-01-31T09:12:44.125Z");

async function load(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(readFileSync("migrations/20240702090000_init/migration.sql", "utf8"));
  await client.end();
}

async function people(prisma: PrismaClient): Promise<number> {
  const agence = await prisma.agence.create({ data: { code: "LYON", nom: "Lyon Part-Dieu" } });
  assert.ok(agence.createdAt instanceof Date && agence.updatedAt instanceof Date);
  let chief: number | null = null;
  for (const role of Object.values(Role)) {
    const made: { id: number } = await prisma.utilisateur.create({
      data: { email: `${role}@equipe.example`, role, motDePasse: "!", agenceId: agence.id, responsableId: chief },
    });
    chief = made.id;
    const read = await prisma.utilisateur.findUniqueOrThrow({ where: { id: made.id }, include: { responsable: true } });
    assert.deepEqual([read.role, read.actif, read.nom], [role, true, null]);
  }
  let last = 0;
  for (const civilite of [...Object.values(Civilite), null]) {
    for (const origine of Object.values(Origine)) {
      const client = await prisma.client.create({
        data: { civilite, nom: "Vautrin", prenom: "Zoé", origine, agenceId: agence.id, pieceIdentite: '{"type":"CNI"}' },
      });
      const read = await prisma.client.findUniqueOrThrow({ where: { id: client.id }, include: { agence: true } });
      assert.deepEqual([read.civilite, read.origine, read.revision, read.preferences], [civilite, origine, 1, {}]);
      assert.deepEqual([read.etiquettes, read.archiveLe, read.agence.code], [[], null, "LYON"]);
      last = client.id;
    }
  }
  const changed = await prisma.client.update({
    where: { id: last },
    data: { etiquettes: ["vip", "fibre"], dateNaissance: new Date("1980-02-29"), revision: { increment: 1 } },
  });
  assert.deepEqual([changed.etiquettes, changed.revision], [["vip", "fibre"], 2]);
  assert.ok(changed.updatedAt >= changed.createdAt);
  return last;
}

async function contracts(prisma: PrismaClient, clientId: number): Promise<void> {
  const apporteur = await prisma.apporteur.create({ data: { nom: "Sansregret", utilisateurId: 1 } });
  const plain = await prisma.contrat.create({ data: { numero: "0001AAA", apporteurId: apporteur.id, canal: "BOUTIQUE" } });
  assert.deepEqual([plain.statut, plain.revision, plain.supprimeLe], [StatutContrat.A_QUALIFIER, 1, null]);
  for (const statut of Object.values(StatutContrat)) {
    const made = await prisma.contrat.create({
      data: {
        numero: `R-${statut}`,
        statut,
        montantTtc: "29.90",
        signeLe: SIGNED,
        clientId,
        apporteurId: apporteur.id,
        canal: "BOUTIQUE",
      },
    });
    const read = await prisma.contrat.findUniqueOrThrow({ where: { numero: made.numero }, include: { apporteur: true } });
    assert.deepEqual([read.statut, read.montantTtc?.toFixed(2), read.signeLe], [statut, "29.90", SIGNED]);
    assert.equal(await prisma.contrat.count({ where: { statut } }), statut === StatutContrat.A_QUALIFIER ? 2 : 1);
  }
  for (const mode of Object.values(ModePaiement)) {
    const data = { clientId, iban: mode, bic: null, mode };
    await prisma.compteBancaire.create({ data });
    const where = { clientId_iban: { clientId, iban: mode } };
    assert.equal((await prisma.compteBancaire.findUniqueOrThrow({ where, include: { client: true } })).mode, mode);
    await assert.rejects(prisma.compteBancaire.create({ data }), /[Uu]nique/);
  }
  await assert.rejects(prisma.contrat.create({ data: { numero: "X", apporteurId: 999, canal: "X" } }), /[Ff]oreign key/);
}

await withScratch("prisma_proof", async (url) => {
  await load(url);
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  await contracts(prisma, await people(prisma));
  const rows = await Promise.all([
    prisma.agence.count(),
    prisma.utilisateur.count(),
    prisma.client.count(),
    prisma.apporteur.count(),
    prisma.contrat.count(),
    prisma.compteBancaire.count(),
  ]);
  await prisma.$disconnect();
  console.log(`agences, utilisateurs, clients, apporteurs, contrats, comptes: ${rows.join(", ")} written and read`);
});
