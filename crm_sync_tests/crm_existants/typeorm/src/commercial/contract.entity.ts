import {
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  VersionColumn,
} from "typeorm";
import { Broker } from "./broker.entity";

export enum ContractStatus {
  Draft = "DRAFT",
  Pending = "PENDING",
  Signed = "SIGNED",
  Validated = "VALIDATED",
  Cancelled = "CANCELLED",
  Terminated = "TERMINATED",
  OnHold = "ON_HOLD",
}

export enum ContractChannel {
  Store = "STORE",
  Phone = "PHONE",
  Import = "IMPORT",
}

/**
 * What was sold. `clientId` points into service-core, another database, so nothing checks it. `signedAt` is the wall
 * clock of the shop (Europe/Paris); what TypeORM keeps itself has a zone.
 */
@Entity("contracts")
export class Contract {
  @PrimaryGeneratedColumn("uuid")
  id: string;

  @Column({ type: "varchar", length: 40, unique: true })
  contractReference: string;

  @Column({ type: "text", nullable: true })
  description: string | null;

  @Column({ type: "enum", enum: ContractStatus, default: ContractStatus.Draft })
  status: ContractStatus;

  @Column({ type: "varchar", length: 60, nullable: true })
  productType: string | null;

  @Column({ type: "varchar", length: 120, nullable: true })
  supplierName: string | null;

  @Column({ type: "varchar", length: 160, nullable: true })
  offerName: string | null;

  @Column({ type: "numeric", precision: 10, scale: 2, nullable: true })
  amount: string | null;

  @Column({ type: "timestamp", nullable: true })
  signedAt: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  validatedAt: Date | null;

  @Column({ type: "varchar", length: 2048, nullable: true })
  documentUrl: string | null;

  @Index()
  @Column({ type: "uuid", nullable: true })
  clientId: string | null;

  @Column({ type: "uuid", nullable: true })
  brokerId: string | null;

  @ManyToOne(() => Broker, { nullable: true })
  @JoinColumn({ name: "brokerId" })
  broker: Broker | null;

  @Column({ type: "uuid" })
  organizationId: string;

  @Column({ type: "enum", enum: ContractChannel })
  channel: ContractChannel;

  @Column({ type: "boolean", default: false })
  imported: boolean;

  @CreateDateColumn({ type: "timestamptz" })
  createdAt: Date;

  @UpdateDateColumn({ type: "timestamptz" })
  updatedAt: Date;

  @DeleteDateColumn({ type: "timestamptz" })
  deletedAt: Date | null;

  @VersionColumn()
  version: number;
}
