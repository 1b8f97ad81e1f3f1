-- What a user of crm_sync is told to create in the finance database: the bank details, the one new entity.
CREATE TABLE "public"."information_paiement_bancaire" (
    "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "client_id" uuid,
    "iban" text,
    "bic" text,
    "created_at" timestamptz NOT NULL DEFAULT now(),
    "updated_at" timestamptz NOT NULL DEFAULT now(),
    UNIQUE ("client_id", "iban")
);
