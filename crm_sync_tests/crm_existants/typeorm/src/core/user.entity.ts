import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  VersionColumn,
} from "typeorm";
import { Organization } from "./organization.entity";

export enum UserRole {
  Sales = "SALES",
  TeamLead = "TEAM_LEAD",
  Admin = "ADMIN",
  Support = "SUPPORT",
}

/** Who logs in to the CRM. */
@Entity("users")
export class User {
  @PrimaryGeneratedColumn("uuid")
  id: string;

  @Column({ type: "varchar", length: 254, unique: true })
  email: string;

  @Column({ type: "varchar", length: 120, nullable: true })
  lastName: string | null;

  @Column({ type: "varchar", length: 120, nullable: true })
  firstName: string | null;

  @Column({ type: "varchar", length: 32, nullable: true })
  mobilePhone: string | null;

  @Column({ type: "enum", enum: UserRole })
  role: UserRole;

  @Column({ type: "boolean", default: true })
  isActive: boolean;

  @Column({ type: "varchar", length: 100 })
  passwordHash: string;

  @Index()
  @Column({ type: "uuid", nullable: true })
  managerId: string | null;

  @ManyToOne(() => User, { nullable: true, onDelete: "SET NULL" })
  @JoinColumn({ name: "managerId" })
  manager: User | null;

  @Column({ type: "uuid" })
  organizationId: string;

  @ManyToOne(() => Organization, { nullable: false })
  @JoinColumn({ name: "organizationId" })
  organization: Organization;

  @Column({ type: "varchar", length: 5, default: "fr-FR" })
  locale: string;

  @CreateDateColumn({ type: "timestamptz" })
  createdAt: Date;

  @UpdateDateColumn({ type: "timestamptz" })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
