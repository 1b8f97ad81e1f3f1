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
import { Organization } from "./organization.entity";

export enum ClientStatus {
  Lead = "LEAD",
  Active = "ACTIVE",
  Lost = "LOST",
}

export enum ClientKind {
  Person = "PERSON",
  Company = "COMPANY",
}

/** Who buys. Dates are TypeORM's default, `timestamp` without zone, of a server that runs in UTC. */
@Entity("clients")
@Index(["lastName", "firstName"])
export class Client {
  @PrimaryGeneratedColumn("uuid")
  id: string;

  @Column({ type: "varchar", length: 120 })
  lastName: string;

  @Column({ type: "varchar", length: 120, nullable: true })
  firstName: string | null;

  @Index()
  @Column({ type: "varchar", length: 254, nullable: true })
  email: string | null;

  @Column({ type: "varchar", length: 32, nullable: true })
  phoneNumber: string | null;

  @Column({ type: "date", nullable: true })
  birthDate: string | null;

  @Column({ type: "varchar", length: 200, nullable: true })
  addressLine: string | null;

  @Column({ type: "varchar", length: 10, nullable: true })
  postalCode: string | null;

  @Column({ type: "varchar", length: 80, nullable: true })
  city: string | null;

  @Column({ type: "enum", enum: ClientKind })
  kind: ClientKind;

  @Column({ type: "enum", enum: ClientStatus, default: ClientStatus.Lead })
  status: ClientStatus;

  @Column({ type: "text", array: true, default: () => "'{}'" })
  tags: string[];

  @Column({ type: "boolean", default: false })
  marketingConsent: boolean;

  @Column({ type: "timestamptz", nullable: true })
  lastContactedAt: Date | null;

  @Column({ type: "uuid" })
  organizationId: string;

  @ManyToOne(() => Organization, { nullable: false })
  @JoinColumn({ name: "organizationId" })
  organization: Organization;

  @CreateDateColumn()
  createdAt: Date;

  @UpdateDateColumn()
  updatedAt: Date;

  @DeleteDateColumn()
  deletedAt: Date | null;

  @VersionColumn()
  version: number;
}
