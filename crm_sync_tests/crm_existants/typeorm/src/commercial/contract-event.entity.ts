import { Column, Entity, Index, PrimaryGeneratedColumn } from "typeorm";

/** The history of a contract's status that the trigger of `1719830400000-contract-events` writes. */
@Entity("contract_events")
export class ContractEvent {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id: string;

  @Index()
  @Column({ type: "uuid" })
  contractId: string;

  @Column({ type: "varchar", length: 20, nullable: true })
  fromStatus: string | null;

  @Column({ type: "varchar", length: 20 })
  toStatus: string;

  @Column({ type: "timestamptz", default: () => "now()" })
  at: Date;
}
