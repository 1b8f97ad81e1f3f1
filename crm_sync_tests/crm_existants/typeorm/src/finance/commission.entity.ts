import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from "typeorm";

/** What a broker earned with a contract. This service knows nobody's bank details: crm_sync brings them. */
@Entity("commissions")
@Unique(["brokerId", "contractId"])
export class Commission {
  @PrimaryGeneratedColumn("uuid")
  id: string;

  @Column({ type: "uuid" })
  brokerId: string;

  @Column({ type: "uuid" })
  contractId: string;

  @Column({ type: "numeric", precision: 10, scale: 2 })
  amount: string;

  @Column({ type: "date", nullable: true })
  paidOn: string | null;

  @CreateDateColumn({ type: "timestamptz" })
  createdAt: Date;
}
