import { MigrationInterface, QueryRunner } from "typeorm";

/** Entities declare no trigger: TypeORM users write theirs in a migration. */
export class ContractEvents1719830400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE FUNCTION "record_contract_event"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ ` +
        `BEGIN ` +
        `IF TG_OP = 'INSERT' THEN ` +
        `INSERT INTO "contract_events" ("contractId", "toStatus") VALUES (NEW."id", NEW."status"); ` +
        `ELSIF NEW."status" IS DISTINCT FROM OLD."status" THEN ` +
        `INSERT INTO "contract_events" ("contractId", "fromStatus", "toStatus") VALUES (NEW."id", OLD."status", NEW."status"); ` +
        `END IF; ` +
        `RETURN NEW; ` +
        `END $$`,
    );
    await queryRunner.query(
      `CREATE TRIGGER "contract_status_event" AFTER INSERT OR UPDATE OF "status" ON "contracts" ` +
        `FOR EACH ROW EXECUTE FUNCTION "record_contract_event"()`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TRIGGER "contract_status_event" ON "contracts"`);
    await queryRunner.query(`DROP FUNCTION "record_contract_event"()`);
  }
}
