import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from "typeorm";

/** A shop of the reseller; every row of the other tables names one, without a foreign key where it lives elsewhere. */
@Entity("organizations")
export class Organization {
  @PrimaryGeneratedColumn("uuid")
  id: string;

  @Column({ type: "varchar", length: 80, unique: true })
  name: string;

  @CreateDateColumn({ type: "timestamptz" })
  createdAt: Date;
}
