import { Column, CreateDateColumn, Entity, Index, PrimaryGeneratedColumn, UpdateDateColumn } from "typeorm";

/** Who sells: mostly a user of service-core (`userId`, no foreign key: another database), sometimes nobody's account. */
@Entity("brokers")
export class Broker {
  @PrimaryGeneratedColumn("uuid")
  id: string;

  @Column({ type: "uuid", nullable: true, unique: true })
  userId: string | null;

  @Column({ type: "varchar", length: 120 })
  lastName: string;

  @Column({ type: "varchar", length: 120, nullable: true })
  firstName: string | null;

  @Index()
  @Column({ type: "varchar", length: 254, nullable: true })
  email: string | null;

  @Column({ type: "varchar", length: 32, nullable: true })
  phone: string | null;

  @Column({ type: "numeric", precision: 5, scale: 4, default: 0 })
  commissionRate: string;

  @Column({ type: "uuid" })
  organizationId: string;

  @CreateDateColumn()
  createdAt: Date;

  @UpdateDateColumn()
  updatedAt: Date;
}
