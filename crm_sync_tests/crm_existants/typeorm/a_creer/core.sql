-- What a user of crm_sync is told to create in the core database: where a client's identity card goes.
ALTER TABLE "public"."clients" ADD COLUMN "identityCard" jsonb;
