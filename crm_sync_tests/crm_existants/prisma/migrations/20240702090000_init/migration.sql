-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "commercial";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "core";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "finance";

-- CreateEnum
CREATE TYPE "core"."role_utilisateur" AS ENUM ('COMMERCIAL', 'RESPONSABLE', 'ADMINISTRATEUR', 'COMPTABLE');

-- CreateEnum
CREATE TYPE "core"."civilite" AS ENUM ('MADAME', 'MONSIEUR');

-- CreateEnum
CREATE TYPE "core"."origine" AS ENUM ('SAISIE', 'IMPORT', 'SITE');

-- CreateEnum
CREATE TYPE "commercial"."statut_contrat" AS ENUM ('A_QUALIFIER', 'en cours', 'SIGNE', 'VALIDE', 'CLOS');

-- CreateEnum
CREATE TYPE "finance"."mode_paiement" AS ENUM ('PRELEVEMENT', 'VIREMENT');

-- CreateTable
CREATE TABLE "core"."agences" (
    "id" SERIAL NOT NULL,
    "code" VARCHAR(8) NOT NULL,
    "nom" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "agences_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "core"."utilisateurs" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "nom" TEXT,
    "prenom" TEXT,
    "telephone" TEXT,
    "role" "core"."role_utilisateur" NOT NULL,
    "mot_de_passe" TEXT NOT NULL,
    "actif" BOOLEAN NOT NULL DEFAULT true,
    "responsable_id" INTEGER,
    "agence_id" INTEGER NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "utilisateurs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "core"."clients" (
    "id" SERIAL NOT NULL,
    "civilite" "core"."civilite",
    "nom" TEXT NOT NULL,
    "prenom" TEXT,
    "mail" TEXT,
    "portable" TEXT,
    "date_naissance" DATE,
    "adresse" TEXT,
    "code_postal" VARCHAR(10),
    "ville" TEXT,
    "piece_identite" TEXT,
    "etiquettes" TEXT[],
    "preferences" JSONB NOT NULL DEFAULT '{}',
    "origine" "core"."origine" NOT NULL,
    "agence_id" INTEGER NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "archive_le" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "clients_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "commercial"."apporteurs" (
    "id" SERIAL NOT NULL,
    "utilisateur_id" INTEGER,
    "nom" TEXT NOT NULL,
    "prenom" TEXT,
    "email" TEXT,
    "telephone" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "apporteurs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "commercial"."contrats" (
    "id" SERIAL NOT NULL,
    "numero" VARCHAR(64) NOT NULL,
    "libelle" TEXT,
    "statut" "commercial"."statut_contrat" NOT NULL DEFAULT 'A_QUALIFIER',
    "statut_origine" TEXT,
    "type_contrat" TEXT,
    "fournisseur" TEXT,
    "offre" TEXT,
    "montant_ttc" DECIMAL(10,2),
    "signe_le" TIMESTAMP(3),
    "valide_le" TIMESTAMP(3),
    "lien_document" TEXT,
    "lien_preuve" TEXT,
    "client_id" INTEGER,
    "apporteur_id" INTEGER NOT NULL,
    "canal" VARCHAR(20) NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "supprime_le" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "contrats_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "finance"."comptes_bancaires" (
    "id" SERIAL NOT NULL,
    "client_id" INTEGER NOT NULL,
    "iban" VARCHAR(34) NOT NULL,
    "bic" VARCHAR(11),
    "mode" "finance"."mode_paiement" NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "comptes_bancaires_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "agences_code_key" ON "core"."agences"("code");

-- CreateIndex
CREATE UNIQUE INDEX "utilisateurs_email_key" ON "core"."utilisateurs"("email");

-- CreateIndex
CREATE INDEX "utilisateurs_responsable_id_idx" ON "core"."utilisateurs"("responsable_id");

-- CreateIndex
CREATE INDEX "clients_mail_idx" ON "core"."clients"("mail");

-- CreateIndex
CREATE INDEX "clients_nom_prenom_idx" ON "core"."clients"("nom", "prenom");

-- CreateIndex
CREATE UNIQUE INDEX "apporteurs_utilisateur_id_key" ON "commercial"."apporteurs"("utilisateur_id");

-- CreateIndex
CREATE UNIQUE INDEX "contrats_numero_key" ON "commercial"."contrats"("numero");

-- CreateIndex
CREATE INDEX "contrats_client_id_idx" ON "commercial"."contrats"("client_id");

-- CreateIndex
CREATE INDEX "contrats_apporteur_id_idx" ON "commercial"."contrats"("apporteur_id");

-- CreateIndex
CREATE UNIQUE INDEX "comptes_bancaires_client_id_iban_key" ON "finance"."comptes_bancaires"("client_id", "iban");

-- AddForeignKey
ALTER TABLE "core"."utilisateurs" ADD CONSTRAINT "utilisateurs_responsable_id_fkey" FOREIGN KEY ("responsable_id") REFERENCES "core"."utilisateurs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "core"."utilisateurs" ADD CONSTRAINT "utilisateurs_agence_id_fkey" FOREIGN KEY ("agence_id") REFERENCES "core"."agences"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "core"."clients" ADD CONSTRAINT "clients_agence_id_fkey" FOREIGN KEY ("agence_id") REFERENCES "core"."agences"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "commercial"."contrats" ADD CONSTRAINT "contrats_apporteur_id_fkey" FOREIGN KEY ("apporteur_id") REFERENCES "commercial"."apporteurs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "finance"."comptes_bancaires" ADD CONSTRAINT "comptes_bancaires_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "core"."clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;
